"""`legato doctor` says what was found, what is missing, and the words that mend it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_legato


def examine(data: Path, env: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and the findings by what was looked at."""
    done = run_legato("doctor", "--json", data=data, env=env)
    assert "Traceback" not in done.stderr, done.stderr
    report = json.loads(done.stdout)
    assert report["well"] is (done.returncode == 0)
    return done.returncode, {finding["what"]: finding for finding in report["findings"]}


def test_all_is_well_where_the_tests_run(tmp_path: Path) -> None:
    status, findings = examine(tmp_path / "data")

    # The disk is the machine's own affair.
    assert {what for what, one in findings.items() if not one["well"]} <= {"disk"}
    assert set(findings) == {
        "settings", "ffmpeg", "encoders", "speed", "catalogue", "store", "disk", "keys", "cores",
    }  # fmt: skip
    assert status == (0 if findings["disk"]["well"] else 1)
    assert findings["encoders"]["found"] == "libvorbis, aac, soxr"


def test_looking_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    examine(tmp_path / "data")

    objects = tmp_path / "data" / "objects"
    assert [path for path in objects.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/no/such/ffmpeg", "LEGATO_FFMPEG: '/no/such/ffmpeg' does not run as an ffmpeg"),
        ("/bin/true", "LEGATO_FFMPEG: '/bin/true' does not run as an ffmpeg"),
    ],
)
def test_an_ffmpeg_that_is_none_is_said_with_what_mends_it(
    tmp_path: Path, path: str, words: str
) -> None:
    status, findings = examine(tmp_path / "data", {"LEGATO_FFMPEG": path})

    assert status == 1
    assert findings["ffmpeg"]["well"] is False
    assert findings["ffmpeg"]["found"] == words
    assert "LEGATO_FFMPEG" in findings["ffmpeg"]["mend"]


def test_a_catalogue_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalog.sqlite3").write_bytes(b"this is no database at all " * 200)

    status, findings = examine(tmp_path / "data")

    assert status == 1
    assert findings["catalogue"]["found"] == "catalogue: file is not a database"
    assert findings["catalogue"]["mend"]
    assert findings["store"]["well"] is True


def test_a_store_that_cannot_be_is_said(tmp_path: Path) -> None:
    status, findings = examine(tmp_path / "data", {"LEGATO_STORE": "gopher://hole"})

    assert status == 1
    assert findings["store"]["found"].startswith("LEGATO_STORE: found 'gopher://hole', expected ")
    assert findings["catalogue"]["well"] is True


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where a folder should be")
    elsewhere = {"LEGATO_DATA": str(tmp_path / "a file" / "data")}

    status, findings = examine(tmp_path / "data", elsewhere)

    assert status == 1
    assert "Not a directory" in findings["catalogue"]["found"]
    assert findings["store"]["well"] is False


def test_settings_that_cannot_be_read_are_all_that_is_said(tmp_path: Path) -> None:
    status, findings = examine(tmp_path / "data", {"LEGATO_CORES": "many"})

    assert status == 1
    assert list(findings) == ["settings"]
    assert findings["settings"]["found"].startswith("LEGATO_CORES: found 'many': ")


def test_people_get_a_line_a_finding_and_what_to_do(tmp_path: Path) -> None:
    done = run_legato("doctor", data=tmp_path / "data", env={"LEGATO_FFMPEG": "/bin/true"})

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("✗  ffmpeg ") and "/bin/true" in line for line in lines)
    assert any("→ " in line for line in lines)
    assert any(line.startswith("✓  catalogue ") for line in lines)
