"""The MP4 box: size, type, and what is inside (ISO/IEC 14496-12 §4.2)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from legato.errors import Corrupt

_SHORT: Final = struct.Struct(">I4s")
_LARGE: Final = struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxHeader:
    """Where a box stands in its file: `[offset, end)`, its content from `content` on."""

    kind: bytes
    offset: int
    content: int
    end: int


def box(kind: bytes, *content: bytes) -> bytes:
    """A box with a 32-bit size around `content`."""
    body = b"".join(content)
    return _SHORT.pack(_SHORT.size + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """A box that starts with a version and flags (§4.2.2)."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def read_top_level(source: BinaryIO, size: int) -> Iterator[BoxHeader]:
    """The headers of a file's top-level boxes, without reading what is inside them.

    Raises Corrupt where a box ends outside of the `size` bytes of the file.
    """
    offset = 0
    while offset < size:
        source.seek(offset)
        header = _parse_header(source.read(16), offset, size)
        yield header
        offset = header.end


def children(data: bytes, start: int = 0, end: int | None = None) -> Iterator[BoxHeader]:
    """The headers of the boxes in `data[start:end]`; offsets count from the start of `data`."""
    stop = len(data) if end is None else end
    while start < stop:
        header = _parse_header(data[start : start + 16], start, stop)
        yield header
        start = header.end


def find(data: bytes, path: str) -> bytes:
    """The content of the first box at `path` ("trak/mdia/mdhd"); raises Corrupt without one."""
    for kind in path.split("/"):
        found = next((box for box in children(data) if box.kind == kind.encode()), None)
        if found is None:
            raise Corrupt("mp4_box_missing", f"mp4: no box {kind!r} on the way {path!r}")
        data = data[found.content : found.end]
    return data


def unpack(layout: str, data: bytes, what: str, offset: int = 0) -> tuple[int, ...]:
    """Unpack big-endian integers; raises Corrupt where `data` is too short for them."""
    fields = struct.Struct(">" + layout)
    if offset < 0 or len(data) < offset + fields.size:
        raise Corrupt(
            "mp4_box_short",
            f"mp4 {what}: {len(data)} bytes, expected {offset + fields.size} or more",
        )
    return fields.unpack_from(data, offset)


def _parse_header(data: bytes, offset: int, limit: int) -> BoxHeader:
    where = f"mp4 box at {offset:#x}"
    if len(data) < _SHORT.size:
        raise Corrupt("mp4_truncated", f"{where}: {len(data)} bytes, expected a box header")
    size, kind = _SHORT.unpack_from(data)
    content = offset + _SHORT.size
    if size == 1 and len(data) >= _SHORT.size + _LARGE.size:
        (size,) = _LARGE.unpack_from(data, _SHORT.size)
        content += _LARGE.size
    end = limit if size == 0 else offset + size
    if not content <= end <= limit:
        raise Corrupt(
            "mp4_box_size", f"{where}: {kind!r} would end at {end:#x}, expected {limit:#x} at most"
        )
    return BoxHeader(kind=kind, offset=offset, content=content, end=end)
