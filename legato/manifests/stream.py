"""An HLS stream as a stranger sees it: its playlists as text, its segments as bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import Final

import m3u8

from legato.errors import Corrupt
from legato.packaging.fragment_reader import (
    Fragment,
    InitSegment,
    read_fragment,
    read_init_segment,
)

MULTIVARIANT: Final = "index.m3u8"
# Gives the bytes at an address relative to the multivariant playlist, whole or a span of them.
Fetch = Callable[[str, tuple[int, int] | None], bytes]


@dataclass(frozen=True)
class Variant:
    """One variant: what the multivariant playlist declares, its media playlist, its segments."""

    declared: m3u8.Playlist
    text: str
    init: InitSegment
    fragments: Sequence[Fragment]

    @property
    def uri(self) -> str:
        return str(self.declared.uri)

    @cached_property
    def playlist(self) -> m3u8.M3U8:
        return m3u8.loads(self.text)

    @property
    def durations_s(self) -> list[Fraction]:
        """EXTINF as it is written, to the last digit."""
        lines = [line for line in self.text.splitlines() if line.startswith("#EXTINF:")]
        return [Fraction(line.removeprefix("#EXTINF:").partition(",")[0]) for line in lines]

    @property
    def presented_s(self) -> list[Fraction]:
        """How long each segment is heard: its frames, less the priming before the first."""
        presented = [fragment.samples for fragment in self.fragments]
        presented[0] -= self.init.priming_samples
        return [Fraction(samples, self.init.sample_rate_hz) for samples in presented]

    @property
    def sizes(self) -> list[int]:
        return [fragment.size_bytes for fragment in self.fragments]


@dataclass(frozen=True)
class Stream:
    """A multivariant playlist and its variants, in the order in which it names them."""

    text: str
    variants: Sequence[Variant]

    @cached_property
    def playlist(self) -> m3u8.M3U8:
        return m3u8.loads(self.text)


def read_stream(fetch: Fetch, multivariant: str = MULTIVARIANT) -> Stream:
    """Follow a multivariant playlist to its last segment, as a player would.

    Raises what `fetch` raises, and Corrupt where a playlist or a segment cannot be read.
    """
    text = _text(fetch, multivariant)
    declared = _parse(text, multivariant).playlists
    if not declared:
        raise Corrupt("bad_playlist", f"playlist {multivariant}: no variants")
    return Stream(text=text, variants=[_read_variant(fetch, one) for one in declared])


def _read_variant(fetch: Fetch, declared: m3u8.Playlist) -> Variant:
    text = _text(fetch, declared.uri)
    playlist = _parse(text, declared.uri)
    folder = dirname(declared.uri)
    first = next(iter(playlist.segment_map), None)
    if first is None or not playlist.segments:
        raise Corrupt("bad_playlist", f"playlist {declared.uri}: no EXT-X-MAP, or no segments")
    init = read_init_segment(fetch(_under(folder, first.uri), _span(first.byterange, 0)))
    fragments, end = [], 0
    for segment in playlist.segments:
        span = _span(segment.byterange, end)
        fragments.append(read_fragment(fetch(_under(folder, segment.uri), span), init))
        end = sum(span) if span else 0
    variant = Variant(declared=declared, text=text, init=init, fragments=fragments)
    _check_lengths(variant)
    return variant


def _check_lengths(variant: Variant) -> None:
    """A target duration, an EXTINF a segment, and in every segment something to hear."""
    if variant.playlist.target_duration is None:
        raise Corrupt("bad_playlist", f"playlist {variant.uri}: no EXT-X-TARGETDURATION")
    try:
        stated = len(variant.durations_s)
    except (ValueError, ZeroDivisionError) as error:
        raise Corrupt("bad_playlist", f"playlist {variant.uri}: EXTINF: {error}") from error
    if stated != len(variant.fragments) or min(variant.presented_s) <= 0:
        raise Corrupt(
            "bad_playlist",
            f"playlist {variant.uri}: {stated} EXTINF and {len(variant.fragments)} segments, "
            f"of {float(min(variant.presented_s))} s and more",
        )


def _text(fetch: Fetch, uri: str) -> str:
    try:
        return fetch(uri, None).decode()
    except UnicodeDecodeError as error:
        raise Corrupt("bad_playlist", f"playlist {uri}: {error}") from error


def _parse(text: str, uri: str) -> m3u8.M3U8:
    try:
        return m3u8.loads(text)
    except Exception as error:  # the library raises whatever it stumbles over
        raise Corrupt("bad_playlist", f"playlist {uri}: {error!r}") from error


def _under(folder: str, uri: str | None) -> str:
    if not uri:
        raise Corrupt("bad_playlist", f"playlist in {folder!r}: a segment or map without a URI")
    return normpath(join(folder, uri))


def _span(byterange: str | None, after: int) -> tuple[int, int] | None:
    """EXT-X-BYTERANGE `size[@offset]` as (offset, size); it goes on where the last one ended."""
    if byterange is None:
        return None
    size, _, offset = byterange.partition("@")
    try:
        return (int(offset) if offset else after, int(size))
    except ValueError as error:
        raise Corrupt("bad_playlist", f"EXT-X-BYTERANGE {byterange!r}: {error}") from error
