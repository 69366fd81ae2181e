"""A Vorbis stream's pages, laid anew so that chunks are contiguous byte ranges without gaps.

A Vorbis decoder outputs nothing for the first packet it is given, so a chunk alone would be
short of its beginning. The last packets before each cut therefore get pages of their own,
the *pre-roll*, and a chunk is fetched from the pre-roll before it on: no byte is stored
twice, and the whole stays an ordinary Ogg file.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from legato.errors import Corrupt
from legato.packaging.chunks import Chunk, ChunkIndex
from legato.packaging.grid import Grid
from legato.packaging.loudness import UNDEFINED, Loudness
from legato.packaging.ogg_packets import Packet, PageWriter, read_packets
from legato.packaging.ogg_page import MAX_SEGMENTS, read_pages, segments_of
from legato.packaging.replaygain import replaygain_comments
from legato.packaging.vorbis_headers import (
    Identification,
    check_header,
    comment_header,
    parse_identification,
)

# One file holds one stream, so the number need not differ from file to file; a fixed one
# keeps the bytes a function of the audio.
SERIAL: Final = 0x4C454741
# As long as ffmpeg's and libogg's own pages at these bitrates at the most.
PAGE_S: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedPacket:
    """An audio packet and the sample at which what it completes ends."""

    data: bytes
    end: int


def package_vorbis(
    source: BinaryIO, sink: BinaryIO, *, samples: int, loudness: Loudness = UNDEFINED
) -> ChunkIndex:
    """Lay the encoder's stream (one packet a page) on the 5 s grid and write it to `sink`.

    `samples` is how many the encoder was given. Raises Corrupt where the stream is damaged
    or does not end there.
    """
    packets = read_packets(read_pages(source))
    header_packets = [_next_header(packets, kind) for kind in (1, 3, 5)]
    identification = parse_identification(header_packets[0])
    layout = _Layout(identification, samples)
    init = layout.headers(header_packets, replaygain_comments(loudness))
    sink.write(init)
    chunks: list[Chunk] = []
    offset, preroll = len(init), _Preroll()
    start = 0
    longest = identification.long_block_samples // 2
    for group in layout.groups(_timed(packets, longest)):
        body, next_preroll = layout.chunk(group)
        end = group.packets[-1].end
        chunks.append(
            Chunk(
                offset=offset,
                size=len(body),
                preroll=preroll.size,
                preroll_samples=preroll.samples,
                start_sample=start,
                samples=end - start,
            )
        )
        sink.write(body)
        offset, preroll, start = offset + len(body), next_preroll, end
    _check_length(start, samples)
    return ChunkIndex(
        init_size=len(init),
        chunks=tuple(chunks),
        sample_rate_hz=identification.sample_rate_hz,
        warmup_samples=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The packets of one chunk, and the grid line it ends at (None: the stream's end)."""

    packets: Sequence[TimedPacket]
    line: int | None


@dataclass(frozen=True, slots=True)
class _Preroll:
    """Bytes at a chunk's end that the next one starts from, and what they decode to."""

    size: int = 0
    samples: int = 0


class _Layout:
    """Decides which packets share a page."""

    def __init__(self, identification: Identification, samples: int) -> None:
        self._lines = Grid(sample_rate_hz=identification.sample_rate_hz).lines(samples)
        # No rendition's cut lies further before its line than one packet completes at most.
        self._reach = identification.long_block_samples // 2
        self._page_samples = PAGE_S * identification.sample_rate_hz
        self._writer = PageWriter(SERIAL)

    def headers(self, packets: Sequence[bytes], comments: Mapping[str, str]) -> bytes:
        """The init segment: identification alone, then comment and setup (Vorbis I §A.2).

        What the encoder wrote as comments is left out: it tells of the encoder and the master.
        """
        identification, _, setup = packets
        first = self._writer.page([identification], 0)
        return first + self._writer.page([comment_header(comments), setup], 0)

    def groups(self, packets: Iterable[TimedPacket]) -> Iterator[_Group]:
        """The packets by chunk: each is cut at the last packet end on or before its line."""
        lines = iter(self._lines)
        line = next(lines, None)
        group: list[TimedPacket] = []
        for packet in packets:
            if line is not None and packet.end > line:
                yield _Group(packets=group, line=line)
                group, line = [], next(lines, None)
            group.append(packet)
        if group:
            yield _Group(packets=group, line=None)

    def chunk(self, group: _Group) -> tuple[bytes, _Preroll]:
        """The pages of a chunk, and the pre-roll they hold for the next one."""
        if group.line is None:
            return self._last_pages(group.packets), _Preroll()
        ends = [packet.end for packet in group.packets]
        first = max(bisect_right(ends, group.line - self._reach) - 1, 0)
        body = self._pages(group.packets[:first])
        preroll = self._pages(group.packets[first:])
        return body + preroll, _Preroll(len(preroll), ends[-1] - ends[first])

    def _pages(self, packets: Sequence[TimedPacket], *, last: bool = False) -> bytes:
        return b"".join(
            self._writer.page([packet.data for packet in run], run[-1].end, last=last)
            for run in self._runs(packets)
        )

    def _last_pages(self, packets: Sequence[TimedPacket]) -> bytes:
        """The last packet alone: ffmpeg does not trim the end of a stream's only audio page."""
        return self._pages(packets[:-1]) + self._pages(packets[-1:], last=True)

    def _runs(self, packets: Sequence[TimedPacket]) -> Iterator[Sequence[TimedPacket]]:
        """Packets that share a page: a second's worth, or as many as its table holds."""
        start, segments = 0, 0
        for i, packet in enumerate(packets):
            needed = segments_of(len(packet.data))
            full = segments + needed > MAX_SEGMENTS
            if i > start and (full or packet.end - packets[start].end > self._page_samples):
                yield packets[start:i]
                start, segments = i, 0
            segments += needed
        if packets:
            yield packets[start:]


def _next_header(packets: Iterator[Packet], kind: int) -> bytes:
    packet = next(packets, Packet(b"", None))
    check_header(packet.data, kind)
    return packet.data


def _timed(packets: Iterable[Packet], longest: int) -> Iterator[TimedPacket]:
    """Audio packets with their ends; each must have had a page, and so a granule, of its own.

    A packet completes at most half a long block, `longest` (Vorbis I §1.3.2).
    """
    end = 0
    for i, packet in enumerate(packets):
        if packet.granule is None or not end <= packet.granule <= end + longest:
            raise Corrupt(
                "vorbis_granule",
                f"vorbis packet {i}: granule position {packet.granule}, "
                f"expected {end} to {end + longest}",
            )
        end = packet.granule
        yield TimedPacket(data=packet.data, end=end)


def _check_length(found: int, samples: int) -> None:
    if found != samples:
        raise Corrupt(
            "vorbis_length", f"the vorbis stream ends at sample {found}, expected {samples}"
        )
