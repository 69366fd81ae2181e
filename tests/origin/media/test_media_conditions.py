"""Ranges, conditions, methods and preflights, asked of a running server (RFC 9110)."""

import pytest

from tests.origin.listening import Listener

WHOLE = "aac-160.mp4"
CHUNK = "vorbis-160/1.ogg"
PLAYLIST = "aac-160/index.m3u8"


@pytest.mark.parametrize("address", [WHOLE, CHUNK])
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-0", 0, 1), ("100-199", 100, 200), ("5000-", 5000, None), ("-300", -300, None)],
)
def test_a_range_is_that_part_of_the_address(
    listener: Listener, address: str, asked: str, start: int, end: int | None
) -> None:
    whole = listener.get(address).content

    part = listener.get(address, {"range": f"bytes={asked}"})

    expected = whole[start:end]
    first = start % len(whole)
    assert part.status_code == 206
    assert part.content == expected
    assert int(part.headers["content-length"]) == len(expected)
    last = first + len(expected) - 1
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


def test_a_range_beyond_the_end_is_cut_there(listener: Listener) -> None:
    whole = listener.get(CHUNK).content

    part = listener.get(CHUNK, {"range": f"bytes=10-{len(whole) * 2}"})

    assert (part.status_code, part.content) == (206, whole[10:])


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", f"bytes={'9' * 5000}-"])
def test_a_range_of_nothing_is_416_and_says_how_much_there_is(
    listener: Listener, asked: str
) -> None:
    size = len(listener.get(CHUNK).content)

    refused = listener.get(CHUNK, {"range": asked})

    assert refused.status_code == 416
    assert refused.headers["content-range"] == f"bytes */{size}"
    assert refused.headers["cache-control"] == "no-store"
    assert refused.json()["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("asked", ["seconds=0-4", "bytes=", "0-4", "bytes=9-2"])
def test_a_range_that_we_do_not_speak_gets_all(listener: Listener, asked: str) -> None:
    answer = listener.get(CHUNK, {"range": asked})

    assert answer.status_code == 200
    assert "content-range" not in answer.headers
    assert answer.content == listener.get(CHUNK).content


def test_a_range_is_defined_for_get_alone(listener: Listener) -> None:
    """RFC 9110 §14.2: a server must ignore Range with any other method."""
    head = listener.head(CHUNK, {"range": "bytes=0-4"})

    assert head.status_code == 200
    assert int(head.headers["content-length"]) == len(listener.get(CHUNK).content)


@pytest.mark.parametrize("address", [PLAYLIST, "manifest.json", "index.m3u8"])
def test_a_playlist_comes_whole_whatever_range_is_asked(listener: Listener, address: str) -> None:
    answer = listener.get(address, {"range": "bytes=0-4"})

    assert answer.status_code == 200
    assert answer.content == listener.get(address).content


def test_if_range_with_the_etag_gets_the_part(listener: Listener) -> None:
    etag = listener.head(CHUNK).headers["etag"]

    answer = listener.get(CHUNK, {"range": "bytes=5-9", "if-range": etag})

    assert answer.status_code == 206
    assert len(answer.content) == 5


@pytest.mark.parametrize("other", ['"another"', "Sat, 21 Nov 2026 11:40:48 GMT", "W/{etag}", ""])
def test_if_range_with_anything_else_gets_all(listener: Listener, other: str) -> None:
    """Also with our own etag marked weak: §13.1.5 compares strongly."""
    whole = listener.get(CHUNK)
    condition = other.replace("{etag}", whole.headers["etag"])

    answer = listener.get(CHUNK, {"range": "bytes=5-9", "if-range": condition})

    assert answer.status_code == 200
    assert answer.content == whole.content


@pytest.mark.parametrize("address", [CHUNK, WHOLE, PLAYLIST, "manifest.json"])
@pytest.mark.parametrize("form", ["{etag}", "W/{etag}", '"another", {etag}', "*"])
def test_who_has_it_already_is_told_so(listener: Listener, address: str, form: str) -> None:
    etag = listener.head(address).headers["etag"]

    answer = listener.get(address, {"if-none-match": form.replace("{etag}", etag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize("other", ['"another"', '""', "another", '"another", W/"third"'])
def test_who_has_something_else_gets_all(listener: Listener, other: str) -> None:
    assert listener.get(CHUNK, {"if-none-match": other}).status_code == 200


def test_having_it_already_goes_before_a_range(listener: Listener) -> None:
    etag = listener.head(CHUNK).headers["etag"]

    answer = listener.get(CHUNK, {"if-none-match": etag, "range": "bytes=0-4"})

    assert answer.status_code == 304


@pytest.mark.parametrize("address", [CHUNK, WHOLE, PLAYLIST])
def test_who_wants_another_version_gets_none(listener: Listener, address: str) -> None:
    etag = listener.head(address).headers["etag"]

    other = listener.get(address, {"if-match": '"another"', "range": "bytes=0-4"})
    weak = listener.get(address, {"if-match": f"W/{etag}"})

    assert listener.code_of(other) == listener.code_of(weak) == (412, "precondition_failed")
    assert listener.get(address, {"if-match": f'"another", {etag}'}).status_code == 200
    assert listener.get(address, {"if-match": "*"}).status_code == 200


@pytest.mark.parametrize("address", [CHUNK, PLAYLIST, "manifest.json", "peaks.json"])
@pytest.mark.parametrize("field", ["surrogate-key", "cache-tag"])
def test_caches_may_purge_an_asset_by_its_key(listener: Listener, address: str, field: str) -> None:
    assert listener.get(address).headers[field] == listener.track.asset_id


def test_a_player_may_see_where_the_time_went(listener: Listener) -> None:
    """The second time it comes from memory."""
    first = listener.get("vorbis-96/1.ogg")
    second = listener.get("vorbis-96/1.ogg")

    assert first.headers["server-timing"].startswith(("store;dur=", "memory"))
    assert second.headers["server-timing"] == "memory"
    assert second.headers["timing-allow-origin"] == "*"
    assert second.content == first.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_are_not_allowed(listener: Listener, method: str) -> None:
    refused = listener.web.request(method, listener.base + CHUNK)

    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert refused.json()["code"] == "method_not_allowed"


def test_a_preflight_lets_a_player_ask_for_ranges(listener: Listener) -> None:
    asks = {"origin": "https://player.example", "access-control-request-method": "GET"}

    answer = listener.web.options(
        listener.base + CHUNK, headers={**asks, "access-control-request-headers": "range"}
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "range" in answer.headers["access-control-allow-headers"].split(", ")
    assert "GET" in answer.headers["access-control-allow-methods"].split(", ")
