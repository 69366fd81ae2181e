"""The three header packets of a Vorbis stream (Vorbis I §4.2, §5)."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from legato.errors import Corrupt

VENDOR: Final = "legato"
_IDENTIFICATION: Final = struct.Struct("<B6sIBIiiiBB")
_NAMES: Final = {1: "identification", 3: "comment", 5: "setup"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """What the identification header says (Vorbis I §4.2.2)."""

    channels: int
    sample_rate_hz: int
    short_block_samples: int
    long_block_samples: int


def parse_identification(packet: bytes) -> Identification:
    """Read the identification header; raises Corrupt where it is none."""
    check_header(packet, 1)
    if len(packet) != _IDENTIFICATION.size:
        raise Corrupt(
            "vorbis_header",
            f"vorbis identification header: {len(packet)} bytes, expected {_IDENTIFICATION.size}",
        )
    fields = _IDENTIFICATION.unpack(packet)
    version, channels, rate, block_sizes, framing = fields[2], fields[3], fields[4], *fields[8:]
    short_exponent, long_exponent = block_sizes & 15, block_sizes >> 4
    sound = version == 0 and channels > 0 and rate > 0 and framing & 1
    if not sound or not 6 <= short_exponent <= long_exponent <= 13:
        raise Corrupt("vorbis_header", f"vorbis identification header: impossible {packet.hex()}")
    return Identification(
        channels=channels,
        sample_rate_hz=rate,
        short_block_samples=1 << short_exponent,
        long_block_samples=1 << long_exponent,
    )


def check_header(packet: bytes, kind: int) -> None:
    """Raise Corrupt unless `packet` starts as a header of this kind does (Vorbis I §4.2.1)."""
    expected = bytes((kind,)) + b"vorbis"
    if not packet.startswith(expected):
        raise Corrupt(
            "vorbis_header",
            f"vorbis {_NAMES[kind]} header: starts {packet[:7]!r}, expected {expected!r}",
        )


def comment_header(comments: Mapping[str, str]) -> bytes:
    """A comment header with our vendor string and `comments` alone (Vorbis I §5.2)."""
    lines = [f"{name}={value}" for name, value in comments.items()]
    return b"\x03vorbis" + _text(VENDOR) + struct.pack("<I", len(lines)) + _texts(lines) + b"\x01"


def _texts(lines: Sequence[str]) -> bytes:
    return b"".join(_text(line) for line in lines)


def _text(line: str) -> bytes:
    encoded = line.encode()
    return struct.pack("<I", len(encoded)) + encoded
