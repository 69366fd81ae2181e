"""The Ogg page: header, lacing, checksum (RFC 3533 §6)."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from anycrc import CRC

from legato.errors import Corrupt

CAPTURE_PATTERN: Final = b"OggS"
CONTINUED: Final = 0x01
FIRST_PAGE: Final = 0x02
LAST_PAGE: Final = 0x04
MAX_SEGMENTS: Final = 255
# The granule position of a page on which no packet ends (RFC 3533 §6, field 4).
NO_GRANULE: Final = -1

_HEADER: Final = struct.Struct("<4sBBqIIIB")
_CHECKSUM_AT: Final = 22
_CHECKSUM: Final = struct.Struct("<I")
_LAST_LACING: Final = [bytes((size,)) for size in range(255)]
_READ_SIZE: Final = 1 << 18
_crc32 = CRC(width=32, poly=0x04C11DB7, init=0, refin=False, refout=False, xorout=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `body` holds the segments whose sizes `lacing` lists, one byte each."""

    flags: int
    granule: int
    serial: int
    sequence: int
    lacing: bytes
    body: bytes

    def to_bytes(self) -> bytes:
        """The page as it stands in a file, with its checksum."""
        header = bytearray(
            _HEADER.pack(
                CAPTURE_PATTERN, 0, self.flags, self.granule, self.serial, self.sequence, 0,
                len(self.lacing),
            )
        )  # fmt: skip
        unsigned = b"".join((header, self.lacing, self.body))
        _CHECKSUM.pack_into(header, _CHECKSUM_AT, checksum(unsigned))
        return b"".join((header, self.lacing, self.body))


def checksum(page: bytes) -> int:
    """The CRC of a page whose checksum field is zero (RFC 3533 §6, field 7)."""
    return int(_crc32.calc(page))


def lacing_of(packet_sizes: Iterable[int]) -> bytes:
    """The segment table of whole packets: 255s, then a remainder below 255 (RFC 3533 §5)."""
    return b"".join(b"\xff" * (size // 255) + _LAST_LACING[size % 255] for size in packet_sizes)


def segments_of(packet_size: int) -> int:
    """How many entries of a segment table a whole packet takes."""
    return packet_size // 255 + 1


def split_body(page: Page) -> Sequence[tuple[bytes, bool]]:
    """The packets, or pieces of packets, of a page, and whether each ends on it."""
    pieces: list[tuple[bytes, bool]] = []
    start = end = 0
    for size in page.lacing:
        end += size
        if size < 255:
            pieces.append((page.body[start:end], True))
            start = end
    if end > start or (page.lacing and page.lacing[-1] == 255):
        pieces.append((page.body[start:end], False))
    return pieces


def read_pages(source: BinaryIO) -> Iterator[Page]:
    """Every page of a file, in order; at most one page beyond a read block is in memory.

    Raises Corrupt, with the offset, where a page is damaged or cut off.
    """
    buffer, at, base = b"", 0, 0
    while True:
        page_end = _page_end(buffer, at, base)
        if page_end is None or page_end > len(buffer):
            block = source.read(_READ_SIZE)
            if not block:
                break
            base += at
            buffer, at = buffer[at:] + block, 0
            continue
        yield _parse(buffer, at, page_end, base)
        at = page_end
    if at < len(buffer):
        raise Corrupt(
            "ogg_truncated",
            f"ogg page at {base + at:#x}: the file ends after {len(buffer) - at} bytes of it",
        )


def _page_end(buffer: bytes, at: int, base: int) -> int | None:
    """Where the page at `at` ends, as far as its header has arrived."""
    if len(buffer) - at < _HEADER.size:
        return None
    if not buffer.startswith(CAPTURE_PATTERN, at):
        found = buffer[at : at + 4]
        raise Corrupt(
            "ogg_capture_pattern",
            f"ogg page at {base + at:#x}: capture pattern {found!r}, expected {CAPTURE_PATTERN!r}",
        )
    body = at + _HEADER.size + buffer[at + _HEADER.size - 1]
    if len(buffer) < body:
        return None
    return body + sum(buffer[at + _HEADER.size : body])


def _parse(buffer: bytes, at: int, end: int, base: int) -> Page:
    _, version, flags, granule, serial, sequence, stored, segments = _HEADER.unpack_from(buffer, at)
    where = f"ogg page at {base + at:#x}"
    if version != 0:
        raise Corrupt("ogg_version", f"{where}: version {version}, expected 0")
    unsigned = buffer[at : at + _CHECKSUM_AT] + bytes(4) + buffer[at + _CHECKSUM_AT + 4 : end]
    computed = checksum(unsigned)
    if stored != computed:
        raise Corrupt(
            "ogg_checksum", f"{where}: checksum {stored:#010x}, expected {computed:#010x}"
        )
    body = at + _HEADER.size + segments
    return Page(
        flags=flags,
        granule=granule,
        serial=serial,
        sequence=sequence,
        lacing=buffer[at + _HEADER.size : body],
        body=buffer[body:end],
    )
