"""Six minutes of real music, ingested once for all tests here."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.real_music import MUSIC, length_s, real_music
from legato.manifests.manifest import read_manifest
from tests.running import ReadyTrack, RunningServer, run_legato

# `make soak` has twenty minutes of it, by the variable.
AT_LEAST_S = int(os.environ.get("REAL_MUSIC_S", "360"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A server, and the tracks that it has of real music."""

    server: RunningServer
    masters: list[Path]
    outcomes: list[dict[str, object]]
    tracks: list[ReadyTrack]


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A missing package fails the run with the words that mend it."""
    masters = real_music(AT_LEAST_S)
    total_s = sum(map(length_s, masters))
    if total_s < AT_LEAST_S:
        pytest.fail(f"{total_s:.0f} s of music in {MUSIC}: apt-get install supertux-data")
    data = tmp_path_factory.mktemp("real-music") / "data"
    ingested = run_legato("ingest", "--json", *masters, data=data)
    outcomes = [json.loads(line) for line in ingested.stdout.splitlines()]
    with RunningServer(data) as server:
        yield Collection(
            server=server,
            masters=masters,
            outcomes=outcomes,
            tracks=[_stored(data, outcome) for outcome in outcomes],
        )


def _stored(data: Path, outcome: dict[str, object]) -> ReadyTrack:
    stored = data / "objects" / "audio" / str(outcome["asset_id"])
    return ReadyTrack(
        track_id=str(outcome["track_id"]),
        asset_id=str(outcome["asset_id"]),
        stored=stored,
        manifest=read_manifest((stored / "manifest.json").read_bytes()),
    )
