"""Small files that unpack to far more than anybody has."""

import struct
import zlib
from pathlib import Path

_BLOCK = 16 << 20


def zeros(size_bytes: int) -> bytes:
    """A zlib stream of so many zeros, without making them: one block of 16 MB, again and again.

    Its checksum is wrong, as whoever unpacks it finds out at its end.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(_BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.flush(zlib.Z_FINISH)
    return b"\x78\x9c" + block * (size_bytes // _BLOCK) + last + bytes(4)


def mp3_with_packed_title(mp3: bytes, path: Path, size_bytes: int) -> Path:
    """An ID3v2.4 title that is compressed (§4.1.2, flags k and p)."""
    packed = zeros(size_bytes)
    frame = b"TIT2" + _syncsafe(len(packed) + 4) + b"\x00\x09" + _syncsafe(1000) + packed
    path.write_bytes(b"ID3\x04\x00\x00" + _syncsafe(len(frame)) + frame + mp3)
    return path


def png(width: int, height: int) -> bytes:
    """A white PNG, one bit a pixel."""
    row_bytes = 1 + (width + 7) // 8
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\x00" + b"\xff" * (row_bytes - 1)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", rows + packer.flush()), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def webp(width: int, height: int) -> bytes:
    """A lossless WebP's header, and no pixel."""
    bits = (width - 1) | (height - 1) << 14
    image = b"\x2f" + struct.pack("<I", bits) + bytes(64)
    body = b"WEBPVP8L" + struct.pack("<I", len(image)) + image + bytes(len(image) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans(jpeg: bytes, size_bytes: int) -> bytes:
    """A progressive JPEG whose last scan is repeated: each goes over every coefficient again."""
    start = jpeg.rfind(b"\xff\xda")
    scan = jpeg[start:-2]
    return jpeg[:start] + scan * ((size_bytes - len(jpeg)) // len(scan)) + jpeg[-2:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
