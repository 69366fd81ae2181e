"""An origin that belongs to an edge: it answers nobody else, and takes the edge's word."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from fixtures.edge_cases import SMALL
from tests.origin.listening import Listener, listener, token_for
from tests.running import ReadyTrack, RunningServer

OLD, NEW = "an-older-secret-of-the-edge", "a-newer-secret-of-the-edge"
EDGE = {"x-legato-edge-secret": NEW}
Fetch = Callable[..., httpx.Response]
CHUNK, DEAR = "aac-96/0.m4s", "aac-320/0.m4s"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """An origin that trusts its edge to have verified."""
    settings = {"LEGATO_EDGE_SECRET": f"{NEW}, {OLD}", "LEGATO_EDGE_VERIFIES": "true"}
    with RunningServer(tmp_path_factory.mktemp("guarded") / "data", settings) as running:
        yield running


@pytest.fixture(scope="module")
def track(guarded: RunningServer) -> ReadyTrack:
    return guarded.ready_track(SMALL / "mono-8000.wav")


@pytest.fixture(scope="module")
def fetch(guarded: RunningServer) -> Fetch:
    return guarded.web.get


@pytest.mark.parametrize("headers", [{}, {"x-legato-edge-secret": "x"}, {**EDGE, "x": "y"}])
def test_only_the_edge_is_answered_and_with_a_token_only_what_it_opens(
    guarded: RunningServer, track: ReadyTrack, headers: dict[str, str]
) -> None:
    signed = f"/t/{token_for(guarded, track, highest_bps=96_000)}{track.path}"
    is_edge = headers.get("x-legato-edge-secret") == NEW

    cheap = guarded.web.get(signed + CHUNK, headers=headers)
    dear = guarded.web.get(signed + DEAR, headers=headers)

    assert (cheap.status_code, dear.status_code) == ((200, 403) if is_edge else (403, 403))
    if not is_edge:
        assert Listener.code_of(cheap) == Listener.code_of(dear) == (403, "not_the_edge")


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_replaced_both_are_good(
    fetch: Fetch, track: ReadyTrack, secret: str
) -> None:
    answer = fetch(track.path + CHUNK, headers={"x-legato-edge-secret": secret})

    assert answer.status_code == 200


def test_without_the_secret_what_exists_and_what_does_not_look_the_same(
    guarded: RunningServer, track: ReadyTrack
) -> None:
    exists = guarded.web.get(track.path + CHUNK)
    absent = guarded.web.get(f"/audio/{'0' * 64}/{CHUNK}")
    nonsense = guarded.web.get("/audio/")

    assert exists.content == absent.content == nonsense.content
    assert {exists.status_code, absent.status_code, nonsense.status_code} == {403}


def test_what_the_edge_has_limited_stays_below_its_limit(fetch: Fetch, track: ReadyTrack) -> None:
    """CDNs' own signatures carry a path and no bitrate, so the bitrate is in the path."""
    limited = f"/upto/160{track.path}"

    assert fetch(limited + CHUNK, headers=EDGE).status_code == 200
    assert fetch(limited + "index-160.m3u8", headers=EDGE).status_code == 200
    for dear in (DEAR, "index.m3u8", "aac-320.mp4"):
        assert Listener.code_of(fetch(limited + dear, headers=EDGE)) == (403, "tier")
    assert fetch(track.path + DEAR, headers=EDGE).status_code == 200


def test_an_origin_without_an_edge_serves_nothing_that_is_not_signed(
    server: RunningServer, six_seconds: ReadyTrack
) -> None:
    """Whatever headers somebody sends."""
    for path in (six_seconds.path, f"/upto/320{six_seconds.path}"):
        answer = server.web.get(path + CHUNK, headers=EDGE)
        assert Listener.code_of(answer) == (403, "no_token")
    assert listener(server, six_seconds).get(CHUNK).status_code == 200
