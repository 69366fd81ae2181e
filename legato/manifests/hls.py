"""HLS playlists, pure functions of the manifest (RFC 8216, Apple's HLS authoring rules)."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Final

from legato.errors import NotFound
from legato.manifests.bitrate import target_duration_s
from legato.manifests.manifest import CODEC_STRINGS, Manifest, RenditionEntry


class Layout(StrEnum):
    """How chunks are addressed: one by one, or as byte ranges of their rendition's file."""

    SEGMENTED = "segmented"
    PACKED = "packed"


MEDIA_TYPE: Final = "application/vnd.apple.mpegurl"
HLS_CODEC: Final = "aac"
# EXT-X-MAP in a playlist that is not only I-frames needs 6; fMP4 players expect 7.
_VERSION: Final = 7


def variants(manifest: Manifest) -> list[RenditionEntry]:
    """The renditions that HLS can name, by bitrate; there is no Ogg in HLS."""
    entries = [entry for entry in manifest.renditions if entry.codec == HLS_CODEC]
    return sorted(entries, key=lambda entry: entry.nominal_bps)


def multivariant_playlist(manifest: Manifest, highest_bps: int | None = None) -> str:
    """All variants, or those up to a tier's bitrate; raises NotFound where none is left.

    BANDWIDTH is the measured peak (authoring rule 9.13). The first variant is the one that a
    player starts with: the best at or below 192 kbit/s, for cellular (9.21).
    """
    entries = [
        entry
        for entry in variants(manifest)
        if highest_bps is None or entry.nominal_bps <= highest_bps
    ]
    if not entries:
        raise NotFound("no_variant", f"no HLS variant of {highest_bps} bit/s or less")
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for entry in _starting_with_cellular(entries):
        attributes = (
            f"BANDWIDTH={entry.peak_bps},AVERAGE-BANDWIDTH={entry.average_bps},"
            f'CODECS="{CODEC_STRINGS[entry.codec]}"'
        )
        lines += [f"#EXT-X-STREAM-INF:{attributes}", f"{entry.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def media_playlist(
    manifest: Manifest, entry: RenditionEntry, layout: Layout = Layout.SEGMENTED
) -> str:
    """The chunks of one rendition: each at an address of its own, or as ranges of its file."""
    if entry.codec != HLS_CODEC:
        raise NotFound("no_playlist", f"rendition {entry.name!r}: HLS has no Ogg")
    samples = entry.chunks.samples
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSION}",
        f"#EXT-X-TARGETDURATION:{target_duration_s(samples, manifest.sample_rate_hz)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    segments = _packed(entry) if layout is Layout.PACKED else _segmented(entry)
    lines += next(segments)
    for duration in _durations(samples, manifest.sample_rate_hz):
        lines += [f"#EXTINF:{duration},", *next(segments)]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def _segmented(entry: RenditionEntry) -> Iterator[list[str]]:
    """The lines that address the init segment, and then each chunk."""
    yield ['#EXT-X-MAP:URI="init.mp4"']
    for index in range(len(entry.chunks)):
        yield [f"{index}.m4s"]


def _packed(entry: RenditionEntry) -> Iterator[list[str]]:
    """The same as byte ranges of the whole file (RFC 8216 §4.3.2.2, §4.3.2.5)."""
    uri = f"../{entry.file}"
    yield [f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{entry.init.size}@{entry.init.offset}"']
    for offset, size in zip(entry.chunks.offset, entry.chunks.size, strict=True):
        yield [f"#EXT-X-BYTERANGE:{size}@{offset}", uri]


def _starting_with_cellular(entries: Sequence[RenditionEntry]) -> list[RenditionEntry]:
    cellular = [entry for entry in entries if entry.peak_bps <= 192_000]
    first = cellular[-1] if cellular else entries[0]
    return [first, *(entry for entry in entries if entry is not first)]


def _durations(samples: Sequence[int], sample_rate_hz: int) -> Iterator[str]:
    """Differences of rounded ends, so that any run of them sums to the truth (rule 8.1)."""
    end = last_us = 0
    for count in samples:
        end += count
        end_us = round(Fraction(end * 1_000_000, sample_rate_hz))
        yield f"{(end_us - last_us) / 1_000_000:.6f}"
        last_us = end_us
