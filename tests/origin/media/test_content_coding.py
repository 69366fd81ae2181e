"""Which coding a playlist comes in (RFC 9110 §12.5.3), asked of the parser and of a server."""

import gzip

import pytest

from legato.origin.media.content_coding import prefers_gzip
from tests.origin.listening import Listener

PLAYLISTS = ("index.m3u8", "aac-160/index.m3u8", "manifest.json")
IDENTITY = {"accept-encoding": "identity"}
GZIP = {"accept-encoding": "gzip"}


@pytest.mark.parametrize(
    "header",
    [
        "gzip", "GZIP", "x-gzip", "*", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "gzip;q=0.001", "gzip ; q=1", "identity;q=0.5, gzip", "identity;q=0, *;q=0.1",
        "deflate,,gzip", "gzip;q=0.5, identity;q=0.5",
    ],
)  # fmt: skip
def test_gzip_is_welcome(header: str) -> None:
    assert prefers_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
        "gzip;q=0.1, identity", "gzip;q=2", "gzip;q=", "gzipped", "gzip;level=9", "\xff", ";q=1",
    ],
)  # fmt: skip
def test_gzip_is_not_welcome(header: str | None) -> None:
    assert not prefers_gzip(header)


@pytest.mark.parametrize("address", PLAYLISTS)
def test_each_coding_has_an_etag_of_its_own_and_says_what_it_varies_by(
    listener: Listener, address: str
) -> None:
    plain, packed = listener.get(address, IDENTITY), listener.raw(address, GZIP)

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(packed.content) < len(plain.content)
    assert gzip.decompress(packed.content) == plain.content
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("address", PLAYLISTS)
def test_a_tag_of_one_coding_is_not_current_for_the_other(listener: Listener, address: str) -> None:
    packed = listener.head(address, GZIP).headers["etag"]

    assert listener.get(address, {**GZIP, "if-none-match": packed}).status_code == 304
    assert listener.get(address, {**IDENTITY, "if-none-match": packed}).status_code == 200


def test_audio_is_never_packed_again(listener: Listener) -> None:
    answer = listener.get("aac-160/0.m4s", GZIP)

    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers
