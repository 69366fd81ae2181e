"""Every address of an asset, fetched from a running server: its bytes and its headers."""

import json
import re
from hashlib import sha256

import pytest

from legato.manifests.manifest import CHUNK_EXTENSIONS, FILE_EXTENSIONS, RenditionEntry, Span
from tests.origin.listening import Listener

RENDITIONS = ["vorbis-96", "vorbis-160", "vorbis-320", "aac-96", "aac-160", "aac-320"]
AAC = ["aac-96", "aac-160", "aac-320"]
HLS = "application/vnd.apple.mpegurl"
MEDIA_TYPES = {"vorbis": "audio/ogg", "aac": "audio/mp4"}
TEXTS = {
    "manifest.json": "application/json",
    "index.m3u8": HLS,
    "index-96.m3u8": HLS,
    "index-160.m3u8": HLS,
    "index-320.m3u8": HLS,
    **{f"{name}/index.m3u8": HLS for name in AAC},
}
MEDIA = [
    *(f"{name}.{'ogg' if 'vorbis' in name else 'mp4'}" for name in RENDITIONS),
    *(f"{name}/init.{'ogg' if 'vorbis' in name else 'mp4'}" for name in RENDITIONS),
    *(f"{name}/{n}.{'ogg' if 'vorbis' in name else 'm4s'}" for name in RENDITIONS for n in (0, 1)),
]
STRONG_ETAG = re.compile(r'"[^"]+"')


def stored(listener: Listener, entry: RenditionEntry) -> bytes:
    return (listener.track.stored / entry.file).read_bytes()


def cut(body: bytes, span: Span) -> bytes:
    return body[span.offset : span.offset + span.size]


@pytest.mark.parametrize("name", RENDITIONS)
def test_a_whole_file_is_what_the_manifest_says(listener: Listener, name: str) -> None:
    entry = listener.track.manifest.rendition(name)

    answer = listener.get(entry.file)

    assert answer.status_code == 200
    assert len(answer.content) == entry.size_bytes
    assert sha256(answer.content).hexdigest() == entry.sha256


@pytest.mark.parametrize("name", RENDITIONS)
def test_the_init_segment_and_every_chunk_are_slices_of_the_whole_file(
    listener: Listener, name: str
) -> None:
    entry = listener.track.manifest.rendition(name)
    whole, chunks = stored(listener, entry), entry.chunks
    assert len(chunks) == 2

    init = listener.get(f"{name}/init{FILE_EXTENSIONS[entry.codec]}")
    assert init.content == cut(whole, entry.init)

    for index, (offset, size, preroll) in enumerate(
        zip(chunks.offset, chunks.size, chunks.preroll, strict=True)
    ):
        chunk = listener.get(f"{name}/{index}{CHUNK_EXTENSIONS[entry.codec]}")
        assert chunk.status_code == 200
        assert chunk.content == whole[offset - preroll : offset + size]


@pytest.mark.parametrize("name", RENDITIONS)
def test_init_and_chunks_without_their_preroll_are_the_whole_file(
    listener: Listener, name: str
) -> None:
    entry = listener.track.manifest.rendition(name)
    extension = CHUNK_EXTENSIONS[entry.codec]

    body = listener.get(f"{name}/init{FILE_EXTENSIONS[entry.codec]}").content
    for index, preroll in enumerate(entry.chunks.preroll):
        body += listener.get(f"{name}/{index}{extension}").content[preroll:]

    assert body == stored(listener, entry)


@pytest.mark.parametrize("address", MEDIA)
def test_media_may_be_kept_for_ever_and_is_described(listener: Listener, address: str) -> None:
    answer = listener.get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPES[address.partition("-")[0]]
    assert int(answer.headers["content-length"]) == len(answer.content) > 0
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert STRONG_ETAG.fullmatch(answer.headers["etag"])
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize("address", TEXTS)
def test_a_playlist_is_kept_for_a_minute_and_is_described(listener: Listener, address: str) -> None:
    answer = listener.get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == TEXTS[address]
    assert int(answer.headers["content-length"]) == len(answer.content) > 0
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert STRONG_ETAG.fullmatch(answer.headers["etag"])
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize("address", [*TEXTS, *MEDIA])
def test_a_player_on_any_page_may_read_it(listener: Listener, address: str) -> None:
    headers = listener.get(address, {"origin": "https://player.example"}).headers

    assert headers["access-control-allow-origin"] == "*"
    exposed = {name.strip() for name in headers["access-control-expose-headers"].split(",")}
    assert exposed >= {"content-length", "content-range", "etag"}
    assert headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("address", [*TEXTS, *MEDIA])
def test_head_answers_the_headers_of_get_and_no_body(listener: Listener, address: str) -> None:
    get, head = listener.get(address), listener.head(address)

    assert head.status_code == get.status_code == 200
    assert head.content == b""
    of_head, of_get = dict(head.headers), dict(get.headers)
    of_get.pop("server-timing", None)  # only the making of a body can tell (RFC 9110 §9.3.2)
    assert {**of_head, "date": ""} == {**of_get, "date": ""}


def test_what_shares_an_etag_is_the_same_to_the_byte(listener: Listener) -> None:
    by_etag: dict[str, bytes] = {}
    for address in (*TEXTS, *MEDIA):
        answer = listener.get(address)
        assert by_etag.setdefault(answer.headers["etag"], answer.content) == answer.content

    assert len(by_etag) >= len(MEDIA)


def test_the_manifest_that_is_served_is_the_one_that_is_stored(listener: Listener) -> None:
    served = listener.get("manifest.json").content

    assert served == (listener.track.stored / "manifest.json").read_bytes()
    content = json.loads(served)
    assert content["asset_id"] == listener.track.asset_id
    assert [entry["name"] for entry in content["renditions"]] == RENDITIONS


def test_a_player_finds_every_chunk_by_following_the_playlists(listener: Listener) -> None:
    variants = uris(listener.get("index.m3u8").text)
    assert sorted(variants) == sorted(f"{name}/index.m3u8" for name in AAC)

    for variant in variants:
        folder = variant.rpartition("/")[0]
        playlist = listener.get(variant).text
        assert '#EXT-X-MAP:URI="init.mp4"' in playlist
        for chunk in ["init.mp4", *uris(playlist)]:
            assert listener.head(f"{folder}/{chunk}").status_code == 200, chunk


@pytest.mark.parametrize(("kbps", "variants"), [(96, 1), (160, 2), (320, 3)])
def test_a_tiers_playlist_stops_at_its_bitrate(
    listener: Listener, kbps: int, variants: int
) -> None:
    named = uris(listener.get(f"index-{kbps}.m3u8").text)

    assert sorted(named) == sorted(f"{name}/index.m3u8" for name in AAC[:variants])


def uris(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]
