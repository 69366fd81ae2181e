"""Who gets through, and that nobody learns what there is."""

from collections.abc import Callable

import httpx
import pytest

from legato.origin.grants.signing_keys import SigningKeys
from tests.edge.conftest import SECRET
from tests.edge.listening import CHUNK, as_sent, bound_listener, listener_of
from tests.origin.listening import Listener
from tests.running import ReadyTrack, RunningServer, wait_until
from tests.servers.nginx import COUNTRY_HEADER, NginxEdge

ABOVE = (
    "vorbis-320/0.ogg", "aac-320/init.mp4", "aac-320/index.m3u8", "vorbis-320.ogg",
    "index.m3u8", "index-320.m3u8",
)  # fmt: skip
WITHIN = (
    "vorbis-160/0.ogg", "aac-96/init.mp4", "aac-160.mp4", "index-160.m3u8", "manifest.json",
    "peaks.json",
)  # fmt: skip


@pytest.fixture
def free(server: RunningServer, track: ReadyTrack, web: httpx.Client) -> Listener:
    """Somebody who may hear up to 160 kbit/s."""
    return listener_of(server, track, web, highest_bps=160_000)


@pytest.mark.parametrize("address", ABOVE)
def test_a_tier_stops_at_its_bitrate_though_it_is_cached(
    listener: Listener, free: Listener, address: str
) -> None:
    assert listener.get(address).status_code == 200
    assert free.code(address) == (403, "tier")


@pytest.mark.parametrize("address", WITHIN)
def test_a_tier_gets_all_below_its_bitrate(free: Listener, address: str) -> None:
    assert free.get(address).status_code == 200


def test_nobody_learns_what_there_is(listener: Listener, web: httpx.Client) -> None:
    listener.get(CHUNK)
    asset, nothing = listener.track.asset_id, "0" * 64
    for written in ("/audio/{}/" + CHUNK, "/t/x/audio/{}/" + CHUNK, "/upto/160/audio/{}/" + CHUNK):
        there, not_there = (web.get(written.format(one)) for one in (asset, nothing))
        assert there.status_code == 403
        assert there.content == not_there.content
        assert {**there.headers, "date": ""} == {**not_there.headers, "date": ""}


def test_a_token_opens_no_other_asset(listener: Listener, other_track: ReadyTrack) -> None:
    answer = listener.web.get(f"/t/{listener.token}{other_track.path}{CHUNK}")
    assert Listener.code_of(answer) == (403, "bad_token")


def test_what_is_remembered_of_a_token_opens_no_other(
    listener: Listener, other_track: ReadyTrack
) -> None:
    listener.get(CHUNK)
    assert listener.get(CHUNK).headers["x-cache"] == "HIT"
    forged = listener.token[:-5] + ("AAAAA" if listener.token[-5:] != "AAAAA" else "EEEEE")
    for path in (
        f"/t/{forged}{listener.track.path}{CHUNK}",
        f"/t/{listener.token}{other_track.path}{CHUNK}",
    ):
        assert as_sent(str(listener.web.base_url), path) == (403, "bad_token")


@pytest.mark.parametrize(
    "written",
    [
        lambda path: path.replace("/audio/", "//audio/"),
        lambda path: path.replace("vorbis", "v%6frbis"),
        lambda path: path.replace("vorbis", "x/../vorbis"),
        lambda path: path.replace("0.ogg", "./0.ogg"),
        lambda path: path + "/",
        lambda path: path + "%00",
        lambda path: path.replace("/t/", "/%74/"),
    ],
    ids=["two slashes", "escape", "dots", "dot", "slash", "NUL", "escaped t"],
)
def test_an_address_has_one_way_to_be_written(
    edge: NginxEdge, listener: Listener, written: Callable[[str], str]
) -> None:
    listener.get(CHUNK)
    status, _ = as_sent(edge.url, written(listener.base + CHUNK))
    assert status in {400, 403}


def test_a_bound_grant_is_for_its_listener_alone(
    server: RunningServer, track: ReadyTrack, web: httpx.Client
) -> None:
    mine = bound_listener(server, track, web, address="127.0.0.1", country="DE")
    at_home = {COUNTRY_HEADER: "de"}
    assert mine.get(CHUNK, at_home).status_code == 200
    assert mine.get("vorbis-96/0.ogg", at_home).status_code == 200
    for answer in (
        mine.get(CHUNK, {COUNTRY_HEADER: "FR"}),
        mine.get(CHUNK),
        bound_listener(server, track, web, address="192.0.2.1").get(CHUNK),
    ):
        assert Listener.code_of(answer) == (403, "wrong_listener")


def test_a_grant_ends_when_it_says(
    server: RunningServer, track: ReadyTrack, web: httpx.Client
) -> None:
    brief = listener_of(server, track, web, ttl_s=2)
    assert brief.get(CHUNK).status_code == 200
    wait_until(lambda: brief.get(CHUNK).status_code == 403, timeout_s=4)
    assert brief.code(CHUNK) == (403, "expired_token")


def test_a_key_that_is_taken_out_opens_nothing_though_it_was_remembered(
    own_edge: tuple[NginxEdge, Listener],
) -> None:
    edge, listener = own_edge
    assert listener.get(CHUNK).headers["x-cache"] == "HIT"
    edge.replace_keys(SigningKeys(by_id={"another": b"a" * 32}))
    address = edge.url + listener.base + CHUNK
    # For a moment the worker with the old keys accepts connections, too.
    wait_until(lambda: {httpx.get(address).status_code for _ in range(10)} == {403})


def test_the_origin_is_asked_with_the_secret_that_a_listener_does_not_have(
    server: RunningServer, listener: Listener
) -> None:
    assert httpx.get(server.url + listener.base + CHUNK).status_code == 403
    assert listener.get(CHUNK, {"x-legato-edge-secret": "guess"}).status_code == 200
    assert SECRET not in str(listener.get(CHUNK).headers)
