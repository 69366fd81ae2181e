"""What the edge keeps, under which key, and what it does while the origin is away."""

import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.edge.conftest import SECRET
from tests.edge.listening import CHUNK, listener_of
from tests.edge.origin import away, frozen
from tests.origin.listening import Listener, keys_of
from tests.running import ReadyTrack, RunningServer, wait_until
from tests.servers.nginx import NginxEdge

LISTENERS = 20
SLICE_BYTES = 64 * 1024
KEPT = (
    "etag", "cache-control", "content-type", "content-length", "surrogate-key", "cache-tag",
    "access-control-allow-origin",
)  # fmt: skip


def expire(edge: NginxEdge) -> None:
    """Let every entry be past its time: `valid_sec` is the second number of its file."""
    for file in edge.cache_files():
        with file.open("r+b") as entry:
            entry.seek(8)
            entry.write(struct.pack("=q", 1))


def test_what_was_fetched_once_comes_from_the_cache_as_it_was(listener: Listener) -> None:
    first, second = listener.get(CHUNK), listener.get(CHUNK)
    assert [first.headers["x-cache"], second.headers["x-cache"]] == ["MISS", "HIT"]
    assert second.content == first.content
    assert {name: second.headers[name] for name in KEPT} == {
        name: first.headers[name] for name in KEPT
    }


def test_the_edge_answers_what_the_origin_does(listener: Listener, server: RunningServer) -> None:
    origin = httpx.get(server.url + listener.base + CHUNK, headers={"x-legato-edge-secret": SECRET})
    for answer in (listener.get(CHUNK), listener.get(CHUNK)):
        assert answer.content == origin.content
        assert {name: answer.headers[name] for name in KEPT} == {
            name: origin.headers[name] for name in KEPT
        }


def test_listeners_share_an_entry(
    listener: Listener, server: RunningServer, web: httpx.Client
) -> None:
    listener.get(CHUNK)
    other = listener_of(server, listener.track, web)
    assert other.token != listener.token
    assert other.get(CHUNK).headers["x-cache"] == "HIT"


def test_a_query_is_no_part_of_the_key(listener: Listener) -> None:
    assert listener.get(f"{CHUNK}?one").headers["x-cache"] == "MISS"
    assert listener.get(f"{CHUNK}?another").headers["x-cache"] == "HIT"


def test_each_address_is_an_entry_of_its_own(listener: Listener) -> None:
    bodies = [listener.get(address).content for address in (CHUNK, "vorbis-96/0.ogg", "peaks.json")]
    again = [listener.get(address).content for address in (CHUNK, "vorbis-96/0.ogg", "peaks.json")]
    assert again == bodies
    assert len(set(bodies)) == len(bodies)


def test_many_who_come_at_once_cost_the_origin_one_request(
    listener: Listener, server: RunningServer, edge: NginxEdge
) -> None:
    address = "aac-320/1.m4s"
    before = len(edge.requests())
    with ThreadPoolExecutor(LISTENERS) as crowd:
        with frozen(server):
            asked = [crowd.submit(listener.get, address) for _ in range(LISTENERS)]
            wait_until(lambda: any(future.running() for future in asked))
        answers = [future.result() for future in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1

    def all_logged() -> list[dict[str, Any]]:
        of_it = [one for one in edge.requests()[before:] if one["path"].endswith(address)]
        return of_it if len(of_it) == LISTENERS else []

    fetched = [one for one in wait_until(all_logged) if one["origin_status"]]
    assert len(fetched) == 1


def test_errors_are_not_kept(listener: Listener, edge: NginxEdge) -> None:
    before = len(edge.cache_files())
    for _ in range(2):
        answer = listener.get("vorbis-160/99.ogg")
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers.get("x-cache") in {None, "MISS"}
    assert len(edge.cache_files()) == before


@pytest.fixture
def sliced(
    server: RunningServer, track: ReadyTrack, tmp_path: Path
) -> Iterator[tuple[NginxEdge, Listener]]:
    """An edge whose slices are small, so that a short track has several."""
    with (
        NginxEdge(
            tmp_path, server.url, keys_of(server), secret=SECRET, slice_kib=SLICE_BYTES // 1024
        ) as edge,
        httpx.Client(base_url=edge.url) as web,
    ):
        edge.wait_for_list()
        yield edge, listener_of(server, track, web)


def test_a_whole_file_is_kept_in_slices(
    sliced: tuple[NginxEdge, Listener], track: ReadyTrack
) -> None:
    edge, listener = sliced
    stored = (track.stored / "vorbis-160.ogg").read_bytes()
    assert SLICE_BYTES < len(stored) < 2 * SLICE_BYTES
    start = SLICE_BYTES - 10
    middle = listener.get("vorbis-160.ogg", {"range": f"bytes={start}-{start + 19}"})
    assert middle.status_code == 206
    assert middle.content == stored[start : start + 20]
    assert middle.headers["content-range"] == f"bytes {start}-{start + 19}/{len(stored)}"
    assert len(edge.cache_files()) == 2

    whole = listener.get("vorbis-160.ogg")
    assert whole.headers["x-cache"] == "HIT"
    assert whole.content == stored
    assert edge.purge(track.asset_id).json()["removed"] == 2
    assert edge.cache_files() == []


def test_a_slice_alone_is_fetched_where_only_that_is_asked_for(
    sliced: tuple[NginxEdge, Listener], track: ReadyTrack
) -> None:
    edge, listener = sliced
    tail = listener.get("vorbis-160.ogg", {"range": f"bytes={SLICE_BYTES + 5}-"})
    assert tail.content == (track.stored / "vorbis-160.ogg").read_bytes()[SLICE_BYTES + 5 :]
    [entry] = edge.cache_files()
    assert entry.stat().st_size < SLICE_BYTES


def test_what_is_cached_plays_on_while_the_origin_is_away(
    listener: Listener, server: RunningServer, edge: NginxEdge
) -> None:
    addresses = (CHUNK, "index.m3u8", "manifest.json", "vorbis-160.ogg")
    kept = {address: listener.get(address).content for address in addresses}
    expire(edge)
    with away(server):
        for address, body in kept.items():
            answer = listener.get(address)
            assert (answer.status_code, answer.content) == (200, body)
            assert answer.headers["x-cache"] in {"STALE", "UPDATING"}
        assert int(listener.get("index.m3u8").headers["age"]) >= 0
        refused = listener.get("vorbis-160/1.ogg")
        assert refused.status_code == 503
        assert refused.json()["code"] == "origin_away"
        assert refused.headers["cache-control"] == "no-store"
        assert refused.headers["access-control-allow-origin"] == "*"
    assert listener.get("vorbis-160/1.ogg").status_code == 200


def test_a_playlist_that_is_past_its_time_is_answered_at_once_and_asked_about(
    listener: Listener, edge: NginxEdge
) -> None:
    listener.get("index.m3u8")
    expire(edge)
    assert listener.get("index.m3u8").headers["x-cache"] in {"STALE", "UPDATING"}
    wait_until(lambda: listener.get("index.m3u8").headers["x-cache"] == "HIT")
