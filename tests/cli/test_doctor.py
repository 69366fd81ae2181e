"""`legato doctor` says what was found, what is missing, and the words that mend it."""

import json
from pathlib import Path
from typing import Any

import pytest

from legato.transcode.sandbox.start import LAYERS
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
        "settings", "ffmpeg", "encoders", "speed", "fingerprints", "catalogue", "store", "disk",
        "keys", "cores",
        "sandbox", *(f"sandbox {wall}" for wall in LAYERS),
    }  # fmt: skip
    assert status == (0 if findings["disk"]["well"] else 1)
    assert findings["encoders"]["found"] == "libvorbis, aac, soxr"
    assert findings["sandbox"]["found"].startswith("full: ")
    assert "Landlock" in findings["sandbox files"]["found"]
    objects = tmp_path / "data" / "objects"
    assert [path for path in objects.rglob("*") if path.is_file()] == []


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder and settings of which next to nothing is well."""
    data = tmp_path_factory.mktemp("ill") / "data"
    data.mkdir()
    (data / "catalog.sqlite3").write_bytes(b"this is no database at all " * 200)
    return data, {"LEGATO_FFMPEG": "/bin/true", "LEGATO_STORE": "gopher://hole"}


def test_whatever_is_not_well_is_said_with_what_mends_it(
    ill: tuple[Path, dict[str, str]],
) -> None:
    status, findings = examine(*ill)

    assert status == 1
    bad = {what: one for what, one in findings.items() if not one["well"]}
    assert set(bad) - {"disk"} == {"ffmpeg", "catalogue", "store"}
    assert bad["ffmpeg"]["found"] == "LEGATO_FFMPEG: '/bin/true' does not run as an ffmpeg"
    assert "LEGATO_FFMPEG" in bad["ffmpeg"]["mend"]
    assert bad["catalogue"]["found"] == "catalogue: file is not a database"
    assert bad["store"]["found"].startswith("LEGATO_STORE: found 'gopher://hole', expected ")
    assert all(one["mend"] for one in bad.values())


def test_people_get_a_line_a_finding_and_what_to_do(ill: tuple[Path, dict[str, str]]) -> None:
    data, env = ill

    done = run_legato("doctor", data=data, env=env)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("✗  ffmpeg ") and "/bin/true" in line for line in lines)
    assert any("→ set LEGATO_STORE" in line for line in lines)
    assert any(line.startswith("✓  keys ") for line in lines)


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where a folder should be")
    elsewhere = {"LEGATO_DATA": str(tmp_path / "a file" / "data"), "LEGATO_FFMPEG": "/bin/true"}

    status, findings = examine(tmp_path / "data", elsewhere)

    assert status == 1
    bad = {what for what, one in findings.items() if not one["well"]}
    assert bad - {"disk"} == {"ffmpeg", "catalogue", "store", "keys"}


def test_settings_that_cannot_be_read_are_all_that_is_said(tmp_path: Path) -> None:
    status, findings = examine(tmp_path / "data", {"LEGATO_CORES": "many"})

    assert status == 1
    assert list(findings) == ["settings"]
    assert findings["settings"]["found"].startswith("LEGATO_CORES: found 'many': ")
