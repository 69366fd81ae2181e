"""`legato ingest` on files that are not what they should be: told why, and nothing kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.broken import BROKEN
from fixtures.edge_cases import SMALL
from legato.catalog.database import Database
from legato.catalog.schema import JobRow, MasterRow, RecordingRow, Table, TrackRow
from tests.running import run_legato

# File name -> code, and the words that tell what was found.
REFUSED = {
    "empty.wav": ("empty", "found 0 bytes, expected an audio file"),
    "not-audio.flac": ("not_audio", "found a file that starts with b'This is not '"),
    "picture-as-audio.mp3": ("not_audio", r"found a file that starts with b'\x89PNG"),
    "playlist-as-audio.mp3": ("not_audio", r"found a file that starts with b'#EXTM3U\n#EXT'"),
    "header-only.wav": ("no_audio", "found a header and no samples, expected a recording"),
    "truncated.wav": ("truncated", "found 1.200 s of audio, expected the 2.000 s"),
    "truncated.flac": ("truncated", "s of audio, expected the 2.000 s that its header declares"),
    "truncated.mp3": ("truncated", "s of audio, expected the 4.0"),
    "truncated.m4a": ("truncated", "found an MP4 file without its moov box"),
    "truncated-faststart.m4a": ("truncated", "s of audio, expected the 4.0"),
    "truncated.ogg": ("truncated", "found an Ogg file that ends within a page after "),
    "damaged-middle.flac": ("damaged", "found damage after 0.9 s"),
    "silence.flac": ("silent", "samples of digital silence, expected sound in at least one"),
    "0.4-seconds.flac": ("too_short", "found 0.400 s of audio, expected at least 1 s"),
    "one-sample.wav": ("too_short", "found 0.000 s of audio, expected at least 1 s"),
}
KEPT: tuple[type[Table], ...] = (TrackRow, MasterRow, RecordingRow, JobRow)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refusals") / "data"


@pytest.fixture(scope="module")
def outcomes(data: Path) -> dict[str, dict[str, Any]]:
    """What became of each file, by its name, of one ingest of all."""
    files = [SMALL / name for name in REFUSED]
    done = run_legato("ingest", "--json", *files, data=data)
    assert done.returncode == 1
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [outcome["path"] for outcome in found] == [str(file) for file in files]
    return {Path(outcome["path"]).name: outcome for outcome in found}


def test_every_broken_fixture_is_judged_here() -> None:
    assert set(REFUSED) >= set(BROKEN)


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_is_refused_with_its_reason(
    outcomes: dict[str, dict[str, Any]], name: str
) -> None:
    code, words = REFUSED[name]

    outcome = outcomes[name]

    assert outcome["state"] == "refused"
    assert outcome["error"]["code"] == code
    assert words in outcome["error"]["message"]
    assert {outcome[key] for key in ("track_id", "asset_id", "audio_id", "duplicate_of")} == {None}


@pytest.mark.usefixtures("outcomes")
def test_nothing_is_left_of_a_refused_file(data: Path) -> None:
    database = Database(f"sqlite:///{data}/catalog.sqlite3")
    with database.read() as session:
        assert {table.__tablename__: session.query(table).count() for table in KEPT} == {
            "tracks": 0, "masters": 0, "recordings": 0, "jobs": 0,
        }  # fmt: skip
    database.close()
    assert [path for path in (data / "objects").rglob("*") if path.is_file()] == []
    assert list((data / "scratch").iterdir()) == []


@pytest.mark.usefixtures("outcomes")
def test_what_a_playlist_names_is_not_opened(outcomes: dict[str, dict[str, Any]]) -> None:
    """`playlist-as-audio.mp3` names /etc/passwd: no word of that file or its name comes back."""
    message = outcomes["playlist-as-audio.mp3"]["error"]["message"]

    assert "passwd" not in message
    assert "root:" not in message


def test_what_is_too_long_and_too_large_is_refused_by_its_setting(data: Path) -> None:
    settings = {"LEGATO_MAX_UPLOAD_BYTES": "60000", "LEGATO_MAX_DURATION_S": "2.9"}
    files = [SMALL / "mono-8000.wav", SMALL / "same-lossy-1.mp3"]

    done = run_legato("ingest", "--json", *files, data=data, env=settings)

    assert done.returncode == 1
    too_long, too_large = (json.loads(line)["error"] for line in done.stdout.splitlines())
    assert (too_long["code"], too_large["code"]) == ("too_long", "too_large")
    assert "LEGATO_MAX_DURATION_S" in too_long["message"]
    assert "LEGATO_MAX_UPLOAD_BYTES" in too_large["message"]
    assert list((data / "scratch").iterdir()) == []
