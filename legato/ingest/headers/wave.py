"""What the chunks of a WAV say: RIFF, and RF64 or BW64 for more than 4 GiB.

Sources: Microsoft, "Multiple channel audio data and WAVE files"; EBU Tech 3306; ITU-R BS.2088.
"""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from legato.ingest.headers.declared import Declared

_LARGE_FORMS: Final = (b"RF64", b"BW64")
_FORMS: Final = (b"RIFF", *_LARGE_FORMS)
_EXTENSIBLE: Final = 0xFFFE
# PCM, float, A-law, µ-law, extensible: what has so many bytes a frame.
_FRAMED: Final = (0x0001, 0x0003, 0x0006, 0x0007, _EXTENSIBLE)
_IN_DS64: Final = 0xFFFFFFFF
# What is written for "as much as there will be": nothing, or next to the most that a signed or
# an unsigned size can say (SoX: 0x7FFFF000, less what is no whole frame).
_OPEN_ENDED: Final = (
    range(1),
    range(0x7FFFF000 - 1024, 0x80000000),
    range(0xFFFFFFFF - 1024, 0x1_0000_0000),
    range(1 << 63, 1 << 64),
)
_MOST_CHUNKS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveHeader:
    """`frame_bytes` are of one sample of every channel; 0 where the coding has no such frames."""

    extensible: bool = False
    frame_bytes: int = 0
    rate_hz: int = 0
    data_bytes: int = 0

    @property
    def declared(self) -> Declared:
        if any(self.data_bytes in sizes for sizes in _OPEN_ENDED):
            return Declared(open_ended=True)
        frames = self.data_bytes / self.frame_bytes if self.frame_bytes else 0
        return Declared.of(frames, self.rate_hz)


def read_wave_header(master: Path) -> WaveHeader | None:
    """Read a WAV's header up to its audio; None where there is none that can be read."""
    with master.open("rb") as file:
        form, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
        if form not in _FORMS or kind != b"WAVE":
            return None
        return _read_chunks(file, large=form in _LARGE_FORMS)


def _read_chunks(file: BinaryIO, *, large: bool) -> WaveHeader | None:
    header, data_bytes_64 = WaveHeader(), 0
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        name, size = struct.unpack("<4sI", head)
        start = file.tell()
        if name == b"ds64":
            _, data_bytes_64 = struct.unpack("<QQ", file.read(16).ljust(16, b"\0"))
        elif name == b"fmt ":
            header = _format(file.read(14).ljust(14, b"\0"))
        elif name == b"data":
            return replace(header, data_bytes=data_bytes_64 if large and size == _IN_DS64 else size)
        file.seek(start + size + size % 2)
    return None


def _format(chunk: bytes) -> WaveHeader:
    tag, _, rate_hz, _, frame_bytes = struct.unpack("<HHIIH", chunk)
    return WaveHeader(
        extensible=tag == _EXTENSIBLE,
        frame_bytes=frame_bytes if tag in _FRAMED else 0,
        rate_hz=rate_hz,
    )
