"""`legato ingest`: what it says of each file, and how it ends."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fixtures.edge_cases import SMALL
from legato.catalog.database import Database
from legato.catalog.schema import TrackRow
from tests.running import run_legato

FIELDS = [
    "path", "track_id", "asset_id", "audio_id", "state", "duplicate_of", "error", "findings",
]  # fmt: skip
MONO = SMALL / "mono-8000.wav"
# From an old archive: a name in Latin-1.
NOT_UTF_8 = os.fsdecode(b"caf\xe9.wav")
TAGGED, RETAGGED = SMALL / "same-lossy-1.mp3", SMALL / "same-lossy-2.mp3"


def outcomes_of(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ingest(data: Path, *arguments: str | bytes | Path) -> list[dict[str, Any]]:
    """The outcomes of an ingest in which nothing failed."""
    done = run_legato("ingest", "--json", *arguments, data=data)
    assert done.returncode == 0, done.stdout + done.stderr
    return outcomes_of(done)


def artists_in(data: Path) -> dict[str, str]:
    """The artist of each track."""
    database = Database(f"sqlite:///{data}/catalog.sqlite3")
    with database.read() as session:
        artists = {row.track_id: row.artist for row in session.query(TrackRow)}
    database.close()
    return artists


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ingest") / "data"


@pytest.fixture(scope="module")
def first(data: Path) -> dict[Path, dict[str, Any]]:
    """The first ingest of all, by file; what later ones send has been encoded then."""
    return {Path(outcome["path"]): outcome for outcome in ingest(data, MONO, TAGGED)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "masters"
    (folder / "deeper").mkdir(parents=True)
    for name in ("a.wav", "deeper/b.wav", NOT_UTF_8):
        (folder / name).write_bytes(MONO.read_bytes())
    (folder / "cover.png").write_bytes(b"\x89PNG")
    return folder


def test_each_file_is_an_object_of_exactly_the_promised_fields(
    first: dict[Path, dict[str, Any]], data: Path
) -> None:
    assert set(first) == {MONO, TAGGED}
    for outcome in first.values():
        assert list(outcome) == FIELDS
        assert outcome["state"] == "ready"
        assert (outcome["duplicate_of"], outcome["error"]) == (None, None)
        assert (data / "objects" / "audio" / outcome["asset_id"]).is_dir()


@pytest.mark.usefixtures("first")
def test_a_folder_is_taken_with_all_the_audio_in_it(data: Path, folder: Path) -> None:
    """Also what has a name that is no text."""
    outcomes = ingest(data, folder)

    assert [one["path"] for one in outcomes] == [
        str(folder / "a.wav"), str(folder / "caf\ufffd.wav"), str(folder / "deeper" / "b.wav"),
    ]  # fmt: skip
    assert [one["state"] for one in outcomes] == ["ready"] * 3


@pytest.mark.usefixtures("first")
def test_one_that_failed_stops_no_other_and_is_told_by_the_exit_status(
    data: Path, folder: Path, tmp_path: Path
) -> None:
    absent, broken = tmp_path / "absent: one.wav", SMALL / "not-audio.flac"
    (without_audio := tmp_path / "empty").mkdir()
    files = [absent, broken, without_audio, folder / "a.wav"]

    done = run_legato("ingest", "--json", *files, data=data)

    assert done.returncode == 1
    by_path = {outcome["path"]: outcome for outcome in outcomes_of(done)}
    assert by_path[str(absent)]["error"]["code"] == "no_such_file"
    assert by_path[str(broken)]["error"]["code"] == "not_audio"
    assert by_path[str(without_audio)]["error"]["code"] == "no_audio_in_folder"
    assert by_path[str(folder / "a.wav")]["state"] == "ready"


@pytest.mark.usefixtures("first")
def test_people_are_told_in_lines(data: Path, folder: Path) -> None:
    done = run_legato("ingest", folder / "a.wav", SMALL / "not-audio.flac", data=data)

    assert done.returncode == 1
    assert f"✓ {folder / 'a.wav'}  0:03.0  ready, track " in done.stdout
    assert ", the same recording as track " in done.stdout
    assert f"✗ {SMALL / 'not-audio.flac'}: found a file that starts with " in done.stdout


def test_what_is_known_is_left_out_when_asked_for(
    data: Path, first: dict[Path, dict[str, Any]]
) -> None:
    before = artists_in(data)

    outcomes = ingest(data, "--skip-known", MONO, TAGGED)

    assert [one["track_id"] for one in outcomes] == [
        first[MONO]["track_id"], first[TAGGED]["track_id"],
    ]  # fmt: skip
    assert artists_in(data) == before


def test_another_file_of_a_known_recording_is_a_track_of_its_own(
    data: Path, first: dict[Path, dict[str, Any]]
) -> None:
    """And the artist that is said goes before what its tags say."""
    [other] = ingest(data, "--skip-known", "--artist", "The Bell", RETAGGED)

    assert other["track_id"] != first[TAGGED]["track_id"]
    assert other["duplicate_of"] == first[TAGGED]["track_id"]
    assert other["asset_id"] == first[TAGGED]["asset_id"]
    artists = artists_in(data)
    assert artists[other["track_id"]] == "The Bell"
    assert artists[first[TAGGED]["track_id"]] not in ("The Bell", "Unknown artist")
