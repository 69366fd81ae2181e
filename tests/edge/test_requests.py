"""Methods, ranges, conditions and codings, answered from the cache as the origin answers them."""

import gzip

import httpx
import pytest

from tests.edge.listening import CHUNK, as_sent
from tests.origin.listening import Listener
from tests.servers.nginx import NginxEdge


@pytest.fixture
def stored(listener: Listener) -> bytes:
    """The chunk, which is cached from now on."""
    listener.get(CHUNK)
    return listener.get(CHUNK).content


def test_a_head_fills_the_cache_and_says_what_a_get_does(listener: Listener) -> None:
    head, get = listener.head(CHUNK), listener.get(CHUNK)
    assert (head.headers["x-cache"], get.headers["x-cache"]) == ("MISS", "HIT")
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert listener.head("vorbis-160.ogg").headers["content-length"] == str(
        len(listener.get("vorbis-160.ogg").content)
    )


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=500-", 500, None), ("bytes=-7", -7, None), ("bytes=5-9", 5, 10)],
)
def test_a_range_is_cut_from_the_cache(
    listener: Listener, stored: bytes, asked: str, start: int, end: int | None
) -> None:
    answer = listener.get(CHUNK, {"range": asked})
    assert (answer.status_code, answer.headers["x-cache"]) == (206, "HIT")
    assert answer.content == stored[start:end]


def test_a_range_of_what_is_not_cached_is_right_and_fills_the_cache(listener: Listener) -> None:
    part = listener.get(CHUNK, {"range": "bytes=100-199"})
    whole = listener.get(CHUNK)
    assert (part.status_code, part.headers["x-cache"]) == (206, "MISS")
    assert whole.headers["x-cache"] == "HIT"
    assert part.content == whole.content[100:200]


def test_several_ranges_come_as_parts(listener: Listener, stored: bytes) -> None:
    answer = listener.get(CHUNK, {"range": "bytes=0-9,500-509"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert stored[:10] in answer.content
    assert stored[500:510] in answer.content


def test_more_ranges_than_any_player_asks_for_get_the_whole(
    listener: Listener, stored: bytes
) -> None:
    asked = ",".join(f"{at}-{at}" for at in range(0, 34, 2))
    answer = listener.get(CHUNK, {"range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (200, stored)


def test_a_range_beyond_the_end_is_refused_and_not_kept(listener: Listener, stored: bytes) -> None:
    answer = listener.get(CHUNK, {"range": f"bytes={len(stored)}-"})
    assert Listener.code_of(answer) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(stored)}"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_a_part_of_another_version_is_not_given(listener: Listener, stored: bytes) -> None:
    etag = listener.get(CHUNK).headers["etag"]
    same = listener.get(CHUNK, {"range": "bytes=0-9", "if-range": etag})
    other = listener.get(CHUNK, {"range": "bytes=0-9", "if-range": '"another"'})
    assert (same.status_code, same.content) == (206, stored[:10])
    assert (other.status_code, other.content) == (200, stored)


@pytest.mark.parametrize("address", [CHUNK, "index.m3u8", "vorbis-160.ogg"])
def test_who_has_it_is_told_so(listener: Listener, address: str) -> None:
    etag = listener.get(address).headers["etag"]
    answer = listener.get(address, {"if-none-match": f'"another", {etag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "max-age" in answer.headers["cache-control"]
    assert listener.get(address, {"if-match": '"another"'}).status_code == 412


def test_each_coding_of_a_playlist_is_right_whoever_came_first(listener: Listener) -> None:
    plain = listener.raw("index.m3u8", {"accept-encoding": "identity"})
    packed = listener.raw("index.m3u8", {"accept-encoding": "br, gzip"})
    assert gzip.decompress(packed.content) == plain.content
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]
    for accepted, expected in {
        "gzip": packed, "GZIP;q=0.5": packed, "x-gzip": packed, "*": packed, "deflate": plain,
        "gzip;q=0": plain, "gzip;q=0.5, identity": plain, "": plain,
    }.items():  # fmt: skip
        answer = listener.raw("index.m3u8", {"accept-encoding": accepted})
        assert answer.content == expected.content, accepted
        assert answer.headers["x-cache"] == "HIT"
        assert answer.headers["vary"] == "accept-encoding"


def test_playlists_come_whole(listener: Listener) -> None:
    answer = listener.get("index.m3u8", {"range": "bytes=0-9"})
    assert answer.status_code == 200
    assert answer.headers["accept-ranges"] == "none"


@pytest.mark.parametrize("path", [f"/t/x/audio/{'0' * 64}/1", f"/audio/{'0' * 64}/1", "/upto/1/x"])
def test_a_preflight_is_answered_for_any_address(web: httpx.Client, path: str) -> None:
    answer = web.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "range" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_no_other_method_is_known_even_where_a_get_is_remembered(
    listener: Listener, stored: bytes, method: str
) -> None:
    del stored
    answer = listener.web.request(method, listener.base + CHUNK, content=b"x" * 100)
    assert Listener.code_of(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_the_api_and_the_page_are_passed_on(web: httpx.Client) -> None:
    assert web.get("/v1/tracks").status_code == 401
    assert web.get("/").headers["content-type"].startswith("text/html")
    assert "openapi" in web.get("/docs").text


@pytest.mark.parametrize("path", ["/edge/denials", "/metrics", "/%65dge/denials", "//metrics"])
def test_what_is_for_edges_and_operators_is_not(edge: NginxEdge, path: str) -> None:
    assert as_sent(edge.url, path) == (404, "no_such_path")
