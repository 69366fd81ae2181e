"""A running server with two short pieces, and what each of their addresses must answer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.catalogue import Piece, piece_of
from bench.listeners import UNLIMITED
from tests.running import RunningServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """It remembers no chunk: what is served is what is stored now."""
    env = {**UNLIMITED, "LEGATO_MEMORY_CACHE_BYTES": "0"}
    with RunningServer(tmp_path_factory.mktemp("bench") / "data", env) as server:
        yield server


@pytest.fixture(scope="session")
def pieces(server: RunningServer, edge_case: Callable[[str], Path]) -> list[Piece]:
    """One of one chunk, one of two."""
    masters = [edge_case(name) for name in ("exactly-5-seconds.flac", "stereo-48000.flac")]
    tracks = [server.ready_track(master) for master in masters]
    return [piece_of(track.track_id, track.stored) for track in tracks]


@pytest.fixture(scope="session")
def two_chunks(pieces: list[Piece]) -> Piece:
    return pieces[1]
