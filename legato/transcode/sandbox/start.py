"""Starting a program in the sandbox, and asking how strong the sandbox is here."""

import marshal
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from legato.errors import Unavailable
from legato.transcode.sandbox.limits import HEARING, Limits
from legato.transcode.sandbox.named_files import NamedFiles
from legato.transcode.sandbox.system_calls import allowed_calls

# How a launcher ends that could not become the program.
NOT_STARTED: Final = signal.SIGUSR1
# The first of these that the system has is who ffmpeg runs as, where legato runs as root.
USERS: Final = ("legato-ffmpeg", "nobody")
# In the order in which they can be raised.
LAYERS: Final = ("limits", "network", "user", "process", "files", "calls")
_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_LIBRARIES: Final = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
    "/nix/store", "/etc/ld.so.cache",
)  # fmt: skip
_DEVICES: Final = ("/dev/null", "/dev/urandom")
# Of landlock(7).
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ENVIRONMENT: Final = {"LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1", "MALLOC_ARENA_MAX": "4"}
_TELL_TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One wall of the sandbox, named as in LAYERS: `found` says what stands, or why it does not."""

    name: str
    on: bool
    found: str


def start(
    command: Sequence[str],
    limits: Limits,
    *,
    stdin: int,
    stdout: int,
    stderr: int,
) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, with nothing but its pipes and the files it names.

    Raises Unavailable `no_ffmpeg` where it is not there to start, and OSError for the files.
    What hinders it later ends it by NOT_STARTED, with the reason on stderr.
    """
    with closing(_open_program(command[0])) as program, NamedFiles(command[1:]) as files:
        orders = _orders(program, limits) | {"read": files.read, "written": files.written}
        orders["files"] += [(fd, _READ) for fd in files.read]
        orders["files"] += [(fd, _WRITE | _TRUNCATE) for fd in files.written]
        words = (command[0], *files.words)
        passed = (program.fileno(), *files.read, *files.written)
        return _launch(orders, words, passed, stdin=stdin, stdout=stdout, stderr=stderr)


@cache
def layers() -> tuple[Layer, ...]:
    """Which walls this system lets us raise, tried on a process of our own."""
    with closing(_open_program(sys.executable)) as program:
        orders = _orders(program, HEARING) | {"tell": True}
        process = _launch(
            orders, (), (program.fileno(),), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
    told, _ = process.communicate(timeout=_TELL_TIMEOUT_S)
    rows = [line.split("\t") for line in told.decode().splitlines()]
    return tuple(Layer(name=name, on=on == "on", found=found) for name, on, found in rows)


def _open_program(name: str) -> IO[bytes]:
    path = shutil.which(name) or name
    try:
        program = Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed by who asked
    except OSError as error:
        raise Unavailable("no_ffmpeg", f"{name}: does not start: {error}") from error
    if program.read(2) == b"#!":
        program.close()
        raise Unavailable(
            "no_ffmpeg", f"{name}: found a script, expected ffmpeg itself: in the sandbox no "
            "program starts another",
        )  # fmt: skip
    return program


def _orders(program: IO[bytes], limits: Limits) -> dict[str, Any]:
    """What the launcher is to do, for a program that names no file."""
    path = os.path.realpath(program.name)
    own_libraries = str(Path(path).parent.parent / "lib")
    return {
        "layers": LAYERS,
        "limits": limits.of_system(),
        "parent": os.getpid(),
        "user": _dropped_user(),
        "program": program.fileno(),
        "path": path,
        "env": _ENVIRONMENT,
        "read": [],
        "written": [],
        "files": [
            (program.fileno(), _READ | _EXECUTE),
            *((folder, _READ | _LIST | _EXECUTE) for folder in (*_LIBRARIES, own_libraries)),
            *((device, _READ | _WRITE) for device in _DEVICES),
        ],
        "calls": allowed_calls(),
        "tell": False,
        "not_started": int(NOT_STARTED),
    }


@cache
def _dropped_user() -> tuple[str, int, int] | None:
    """Name, user id and group id; None where we are not root, or could not hand files over."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return None
    for name in USERS:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return user.pw_name, user.pw_uid, user.pw_gid
    return None


def _for_python() -> dict[str, str]:
    """What the launcher's Python may need to find its own library; ffmpeg is not given it."""
    name = "LD_LIBRARY_PATH"
    return {name: os.environ[name]} if name in os.environ else {}


def _launch(
    orders: dict[str, Any], words: Sequence[str], passed: Sequence[int], **pipes: Any
) -> "subprocess.Popen[bytes]":
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), marshal.dumps(orders).hex()]
    try:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [*launcher, *words], bufsize=0, pass_fds=passed, start_new_session=True,
            env=_ENVIRONMENT | _for_python(), **pipes,
        )  # fmt: skip
    except OSError as error:
        raise Unavailable("no_ffmpeg", f"ffmpeg's sandbox does not start: {error}") from error
    return process
