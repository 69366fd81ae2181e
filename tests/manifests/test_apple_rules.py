"""The linter of Apple's rules: a stream of ours passes, and each rule finds what breaks it."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

from legato.errors import Corrupt, NotFound
from legato.manifests import hls
from legato.manifests.apple_rules import RULES, breaches
from legato.manifests.hls import Layout
from legato.manifests.manifest import Manifest, PackagedFile, make_manifest
from legato.manifests.stream import Stream, read_stream
from legato.packaging.loudness import Loudness
from tests.packaging.encoded_music import AAC, packaged

SAMPLES, RATE_HZ = 12 * 44_100, 44_100
LOUDNESS = Loudness(integrated_lufs=-11.3, range_lu=6.1, true_peak_dbtp=-0.4)
Edit = Callable[[str, bytes], bytes]


def unchanged(_address: str, body: bytes) -> bytes:
    return body


@cache
def manifest() -> Manifest:
    files = [
        PackagedFile(
            name=name, codec="aac", nominal_bps=int(name[4:]) * 1000,
            size_bytes=len(packaged(name, SAMPLES, RATE_HZ)[0]), sha256="0" * 64,
            loudness=None, index=packaged(name, SAMPLES, RATE_HZ)[1],
        )
        for name in AAC
    ]  # fmt: skip
    return make_manifest(
        audio_id="a" * 64, ladder="r1", channels=2, loudness=LOUDNESS, peaks=b"{}", files=files
    )


def stream(edit: Edit = unchanged, layout: Layout = Layout.SEGMENTED) -> Stream:
    """Our own stream, with what an edit makes of each thing that is fetched."""

    def fetch(address: str, span: tuple[int, int] | None) -> bytes:
        try:
            body = content(address, layout)
        except (ValueError, LookupError) as error:
            raise NotFound("no_file", f"{address!r}: not there") from error
        if span is not None:
            body = body[span[0] : sum(span)]
        return edit(address, body)

    return read_stream(fetch)


def content(address: str, layout: Layout) -> bytes:
    name, _, rest = address.partition("/")
    if address == "index.m3u8":
        return hls.multivariant_playlist(manifest()).encode()
    if rest == "index.m3u8":
        return hls.media_playlist(manifest(), manifest().rendition(name), layout).encode()
    name = name.removesuffix(".mp4")
    body, index = packaged(name, SAMPLES, RATE_HZ)
    if not rest:
        return body
    if rest == "init.mp4":
        return body[: index.init_size]
    chunk = index.chunks[int(rest.removesuffix(".m4s"))]
    return body[chunk.offset : chunk.offset + chunk.size]


def replacing(wanted: str, old: str, new: str) -> Edit:
    """An edit of one address, which must find what it replaces."""

    def edit(address: str, body: bytes) -> bytes:
        if address != wanted:
            return body
        assert old.encode() in body
        return body.replace(old.encode(), new.encode())

    return edit


def numbers(edit: Edit) -> set[str]:
    return {breach.rule for breach in breaches(stream(edit))}


@pytest.mark.parametrize("layout", Layout)
def test_a_stream_of_ours_breaks_no_rule(layout: Layout) -> None:
    assert breaches(stream(layout=layout)) == []


MEDIA = "aac-96/index.m3u8"
BREACHES: dict[str, Edit] = {
    "1.26": replacing("index.m3u8", "AVERAGE-BANDWIDTH=", "AVERAGE-BANDWIDTH=9"),
    "1.27": replacing("index.m3u8", ":BANDWIDTH=", ":BANDWIDTH=9"),
    "2.18": lambda _, body: body.replace(b"ludt", b"free"),
    "7.3": lambda at, body: body.replace(b"tfdt\x01\0\0\0\0\0\0\0\0", b"tfdt\x01\0\0\0\0\0\0\0\1")
    if at.endswith("/1.m4s")
    else body,
    "7.7": replacing(MEDIA, "#EXTINF:5.015510,", "#EXTINF:5.600000,"),
    "8.1": replacing(MEDIA, "#EXTINF:5.015510,", "#EXTINF:5.015500,"),
    "8.2": replacing(MEDIA, "TARGETDURATION:5", "TARGETDURATION:6"),
    "8.3": replacing(MEDIA, "TARGETDURATION:5", "TARGETDURATION:6"),
    "8.6": replacing(MEDIA, "#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
    "9.1": replacing("index.m3u8", "mp4a.40.2", "mp4a.40.5"),
    "9.13": replacing("index.m3u8", f"={manifest().rendition('aac-160').peak_bps},", "=151234,"),
    "9.14": replacing(
        "index.m3u8", f"AVERAGE-BANDWIDTH={manifest().rendition('aac-96').average_bps},", ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", BREACHES)
def test_a_rule_finds_what_breaks_it(number: str) -> None:
    assert number in numbers(BREACHES[number])


def test_a_map_that_comes_after_a_segment_is_found() -> None:
    def late(address: str, body: bytes) -> bytes:
        if address != MEDIA:
            return body
        lines = body.splitlines(keepends=True)
        [at] = [at for at, line in enumerate(lines) if line.startswith(b"#EXT-X-MAP")]
        return b"".join([*lines[:at], *lines[at + 1 : at + 3], lines[at], *lines[at + 3 :]])

    assert "8.20" in numbers(late)


@pytest.mark.parametrize(
    ("address", "old", "new"),
    [
        (MEDIA, "#EXTINF:5.015510,", "#EXTINF:much,"),
        (MEDIA, "#EXTINF:5.015510,", "#EXTINF:1/0,"),
        (MEDIA, "#EXT-X-MAP:", "#EXT-X-NO:"),
        ("index.m3u8", "#EXT-X-STREAM-INF:", "#EXT-X-NO:"),
    ],
)
def test_a_playlist_that_cannot_be_read_is_our_own_error(address: str, old: str, new: str) -> None:
    with pytest.raises(Corrupt):
        stream(replacing(address, old, new))


@pytest.mark.parametrize("address", ["index.m3u8", MEDIA])
def test_thousands_of_damaged_playlists_raise_nothing_but_our_own(address: str) -> None:
    chance = random.Random(4)

    def damaged(at: str, body: bytes) -> bytes:
        if at != address:
            return body
        changed = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            start, size = chance.randrange(len(changed)), chance.randint(1, 30)
            kind = chance.randrange(3)
            if kind == 0:
                changed[start] = chance.randrange(256)
            elif kind == 1:
                del changed[start : start + size]
            else:
                changed[start:start] = changed[start : start + size]
        return bytes(changed) or b"#"

    for _ in range(1_000):
        with suppress(Corrupt, NotFound):
            breaches(stream(damaged))


def test_variants_of_other_lengths_break_their_rules() -> None:
    """A segment taken out of one variant: it spans less, and its boundaries differ."""

    def shortened(address: str, body: bytes) -> bytes:
        if address != MEDIA:
            return body
        head, _, rest = body.partition(b"#EXTINF")
        return head + b"#EXTINF" + rest.rpartition(b"#EXTINF")[0] + b"#EXT-X-ENDLIST\n"

    assert {"8.7", "8.22"} <= numbers(shortened)


def test_he_aac_above_its_bitrate_is_found() -> None:
    """Object type 5 where AudioSpecificConfig says 2 (ISO/IEC 14496-3 §1.6.2.1)."""

    def as_he_aac(address: str, body: bytes) -> bytes:
        at = body.find(b"\x05\x80\x80\x80\x05\x12")
        if not address.endswith("init.mp4") or at < 0:
            return body
        return body[: at + 5] + bytes((5 << 3 | body[at + 5] & 7,)) + body[at + 6 :]

    assert {"2.3", "2.4"} <= numbers(as_he_aac)


def test_telling_addresses_are_found() -> None:
    def telling(address: str, body: bytes) -> bytes:
        return body.replace(b"aac-96/", b"my-song-96/") if address == "index.m3u8" else body

    def fetch(address: str, span: tuple[int, int] | None) -> bytes:
        assert span is None
        return telling(address, content(address.replace("my-song", "aac"), Layout.SEGMENTED))

    assert "11.4" in {breach.rule for breach in breaches(read_stream(fetch))}


def test_a_stream_without_a_low_variant_is_found() -> None:
    def only_320(address: str, body: bytes) -> bytes:
        if address != "index.m3u8":
            return body
        lines = body.decode().splitlines()
        at = lines.index("aac-320/index.m3u8")
        return "\n".join([*lines[:3], *lines[at - 1 : at + 1]]).encode()

    assert "9.21" in numbers(only_320)


def test_every_rule_has_a_number_of_its_own() -> None:
    assert len({rule.number for rule in RULES}) == len(RULES)


def test_what_is_not_there_is_said_by_whoever_fetches() -> None:
    def fetch(address: str, _span: tuple[int, int] | None) -> bytes:
        raise NotFound("no_object", address)

    with pytest.raises(NotFound):
        read_stream(fetch)
