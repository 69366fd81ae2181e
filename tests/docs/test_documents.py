"""What is written is true: the README's session runs, and made documents are fresh."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from legato.manifests.schema import schema_text
from tests.conftest import ROOT
from tests.running import RunningServer

README = (ROOT / "README.md").read_text()
LOCKS = sorted((ROOT / "locks").iterdir())
TRACKED_JSON = sorted(ROOT.glob("*/package-lock.json")) + sorted(ROOT.glob("*/*/package-lock.json"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("readme") / "demo") as running:
        yield running


def test_the_readmes_session_runs_from_upload_to_chunk(
    server: RunningServer, tmp_path: Path
) -> None:
    [session] = re.findall(r"```sh\n(ORIGIN=.*?)```", README, re.DOTALL)
    here = {
        "http://127.0.0.1:8000": server.url,
        "demo/keys": str(server.data / "keys"),
        ".venv/bin/python": sys.executable,
    }
    for written, meant in here.items():
        assert written in session
        session = session.replace(written, meant)
    shutil.copytree(ROOT / "fixtures" / "small", tmp_path / "fixtures" / "small")

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", session],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "#EXT-X-STREAM-INF" in done.stdout
    assert done.stdout.split()[-2:] == ["144000", "100"]
    command = ["oggdec", "--quiet", "--raw", "--output", "-", str(tmp_path / "chunk.ogg")]
    assert len(subprocess.run(command, capture_output=True, check=True).stdout) == 4 * 144_000


def test_the_readme_names_folders_that_are_there() -> None:
    named = re.findall(r"^\| `([^`]+/)`", README, re.MULTILINE)
    assert len(named) >= 10
    assert [folder for folder in named if not (ROOT / folder).is_dir()] == []


def test_every_package_of_ours_is_in_the_readmes_map() -> None:
    packages = {path.parent.name for path in (ROOT / "legato").glob("*/__init__.py")}
    assert {name for name in packages if f"`legato/{name}/`" not in README} == set()


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_manifests_schema_is_the_codes() -> None:
    assert (ROOT / "docs" / "manifest.schema.json").read_text() == schema_text()


@pytest.mark.parametrize("lock", [*LOCKS, *TRACKED_JSON], ids=lambda path: path.name)
def test_a_lock_file_holds_hashes_and_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--hash=sha256:" in text or '"integrity": "sha512-' in text
