"""A purge deletes every entry of an asset and no other's."""

import httpx
import pytest

from tests.edge.conftest import SECRET
from tests.edge.listening import CHUNK, as_sent, listener_of
from tests.origin.listening import Listener
from tests.running import ReadyTrack, RunningServer
from tests.servers.nginx import NginxEdge

ADDRESSES = (CHUNK, "vorbis-160/1.ogg", "aac-96/init.mp4", "manifest.json", "index.m3u8",
             "vorbis-160.ogg", "peaks.json")  # fmt: skip


@pytest.fixture
def other(
    server: RunningServer, other_track: ReadyTrack, web: httpx.Client, edge: NginxEdge
) -> Listener:
    """A listener to another track, of which nothing is cached."""
    edge.purge(other_track.asset_id)
    return listener_of(server, other_track, web)


def test_nothing_of_a_purged_asset_comes_from_the_cache_and_all_else_does(
    edge: NginxEdge, listener: Listener, other: Listener
) -> None:
    for address in ADDRESSES:
        listener.get(address)
        listener.raw(address, {"accept-encoding": "gzip"})
    other.get(CHUNK)
    answer = edge.purge(listener.track.asset_id)
    # Of a playlist and the manifest, each coding is an entry.
    assert answer.json() == {"asset_id": listener.track.asset_id, "removed": len(ADDRESSES) + 2}
    assert len(edge.cache_files()) == 1
    assert other.get(CHUNK).headers["x-cache"] == "HIT"
    assert {listener.get(address).headers["x-cache"] for address in ADDRESSES} == {"MISS"}
    assert {listener.get(address).headers["x-cache"] for address in ADDRESSES} == {"HIT"}


def test_a_purge_reaches_what_nginx_holds_open(edge: NginxEdge, listener: Listener) -> None:
    for _ in range(1100):
        assert listener.head(CHUNK).is_success
    assert edge.purge(listener.track.asset_id).json()["removed"] == 1
    assert listener.get(CHUNK).headers["x-cache"] == "MISS"


def test_a_purge_of_what_is_not_there_removes_nothing(edge: NginxEdge, listener: Listener) -> None:
    assert edge.purge(listener.track.asset_id).json()["removed"] == 0
    assert edge.purge("0" * 64).json()["removed"] == 0


def test_a_purge_finds_what_was_fetched_after_the_one_before(
    edge: NginxEdge, listener: Listener
) -> None:
    for _ in range(3):
        listener.get(CHUNK)
        assert edge.purge(listener.track.asset_id).json()["removed"] == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], f"{SECRET},"])
def test_who_has_not_the_secret_purges_nothing(
    edge: NginxEdge, listener: Listener, secret: str
) -> None:
    listener.get(CHUNK)
    answer = edge.purge(listener.track.asset_id, secret=secret)
    assert Listener.code_of(answer) == (403, "wrong_secret")
    assert listener.get(CHUNK).headers["x-cache"] == "HIT"


def test_the_admin_address_is_another(edge: NginxEdge, listener: Listener) -> None:
    asset = listener.track.asset_id
    assert as_sent(edge.url, f"/edge/purge/{asset}", "POST") == (404, "no_such_path")
    assert as_sent(edge.admin_url, f"/edge/purge/{asset}") == (405, "method_not_allowed")
    for path in ("/", f"/edge/purge/{asset}0", "/edge/purge/../../x", listener.base + CHUNK):
        assert as_sent(edge.admin_url, path) == (404, "no_such_path")
    assert httpx.get(f"{edge.admin_url}/edge/status").json()["denials_age_s"] < 30


def test_what_no_purge_would_find_is_not_kept(edge: NginxEdge, listener: Listener) -> None:
    index = edge.index / listener.track.asset_id
    index.unlink(missing_ok=True)
    index.mkdir()
    try:
        assert [listener.get(CHUNK).headers["x-cache"] for _ in range(2)] == ["MISS", "MISS"]
    finally:
        index.rmdir()
    assert [listener.get(CHUNK).headers["x-cache"] for _ in range(2)] == ["MISS", "HIT"]
