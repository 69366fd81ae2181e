"""One running server for all tests of the origin, with two short tracks that play."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.origin.listening import Listener
from tests.origin.listening import listener as make_listener
from tests.running import ReadyTrack, RunningServer

# A machine that does other things as well is slow now and then; that is no finding.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("origin") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def five_seconds(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    """44.1 kHz, one chunk."""
    return server.ready_track(edge_case("exactly-5-seconds.flac"), title="Five seconds")


@pytest.fixture(scope="session")
def six_seconds(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    """48 kHz, two chunks."""
    return server.ready_track(edge_case("stereo-48000.flac"), title="Six seconds")


@pytest.fixture(scope="session")
def listener(server: RunningServer, six_seconds: ReadyTrack) -> Listener:
    """Somebody who may fetch all of the two-chunk track."""
    return make_listener(server, six_seconds)


@pytest.fixture(scope="session")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Another server, whose files a test may harm: it remembers none, takes none over 400 kB."""
    data = tmp_path_factory.mktemp("breakable") / "data"
    limits = {"LEGATO_MAX_UPLOAD_BYTES": "400000", "LEGATO_MEMORY_CACHE_BYTES": "0"}
    with RunningServer(data, limits) as server:
        yield server
