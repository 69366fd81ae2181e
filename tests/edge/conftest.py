"""A real nginx in front of a real legato, with two short tracks that play."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.edge.listening import CHUNK, listener_of
from tests.origin.listening import Listener, keys_of
from tests.running import ReadyTrack, RunningServer
from tests.servers.nginx import NginxEdge

SECRET = "the-secret-of-this-edge-alone"  # noqa: S105 - of a server that lives for these tests


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    env = {
        "LEGATO_EDGE_SECRET": SECRET,
        "LEGATO_CLIENT_ADDRESS_HEADER": "X-Legato-Client-Address",
        "LEGATO_COUNTRY_HEADER": "X-Legato-Country",
    }
    with RunningServer(tmp_path_factory.mktemp("behind-the-edge") / "data", env) as server:
        yield server


@pytest.fixture(scope="session")
def edge(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxEdge]:
    folder = tmp_path_factory.mktemp("edge")
    with NginxEdge(folder, server.url, keys_of(server), secret=SECRET, log_at_once=True) as edge:
        edge.wait_for_list()
        yield edge


@pytest.fixture(scope="session")
def track(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    """48 kHz, two chunks."""
    return server.ready_track(edge_case("stereo-48000.flac"), title="Six seconds")


@pytest.fixture(scope="session")
def other_track(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    """44.1 kHz, one chunk."""
    return server.ready_track(edge_case("exactly-5-seconds.flac"), title="Five seconds")


@pytest.fixture
def web(edge: NginxEdge) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=edge.url, timeout=15) as web:
        yield web


@pytest.fixture
def listener(
    edge: NginxEdge, server: RunningServer, track: ReadyTrack, web: httpx.Client
) -> Listener:
    """Somebody who may fetch all of the two-chunk track, of which nothing is cached."""
    assert edge.purge(track.asset_id).is_success
    return listener_of(server, track, web)


@pytest.fixture
def own_edge(
    server: RunningServer, track: ReadyTrack, tmp_path: Path
) -> Iterator[tuple[NginxEdge, Listener]]:
    """An edge for one test, and a listener there whose chunk is cached."""
    with (
        NginxEdge(tmp_path, server.url, keys_of(server), secret=SECRET) as edge,
        httpx.Client(base_url=edge.url) as web,
    ):
        edge.wait_for_list()
        listener = listener_of(server, track, web)
        assert listener.get(CHUNK).status_code == 200
        yield edge, listener
