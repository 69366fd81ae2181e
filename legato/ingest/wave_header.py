"""What the chunks of a WAV say: RIFF, and RF64 or BW64 for more than 4 GiB.

Sources: Microsoft, "Multiple channel audio data and WAVE files"; EBU Tech 3306; ITU-R BS.2088.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_EXTENSIBLE: Final = 0xFFFE
_LARGE_FORMS: Final = (b"RF64", b"BW64")
_FORMS: Final = (b"RIFF", *_LARGE_FORMS)
_IN_DS64: Final = 0xFFFFFFFF
_MOST_CHUNKS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveHeader:
    """`data_bytes` is None where the header leaves open how much audio there is."""

    large: bool
    extensible: bool
    bytes_per_s: int
    data_bytes: int | None

    @property
    def length_s(self) -> float | None:
        if self.data_bytes is None or not self.bytes_per_s:
            return None
        return self.data_bytes / self.bytes_per_s


def read_wave_header(master: Path) -> WaveHeader | None:
    """Read a WAV's header up to its audio; None where there is none that can be read."""
    with master.open("rb") as file:
        form, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
        if form not in _FORMS or kind != b"WAVE":
            return None
        return _read_chunks(file, large=form in _LARGE_FORMS)


def _read_chunks(file: BinaryIO, *, large: bool) -> WaveHeader | None:
    tag, bytes_per_s, data_bytes_64 = None, 0, 0
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        name, size = struct.unpack("<4sI", head)
        start = file.tell()
        if name == b"ds64":
            _, data_bytes_64 = struct.unpack("<QQ", file.read(16).ljust(16, b"\0"))
        elif name == b"fmt ":
            tag, _, _, bytes_per_s = struct.unpack("<HHII", file.read(12).ljust(12, b"\0"))
        elif name == b"data":
            size = data_bytes_64 if large and size == _IN_DS64 else size
            known = size not in (0, _IN_DS64)
            return WaveHeader(
                large=large, extensible=tag == _EXTENSIBLE, bytes_per_s=bytes_per_s,
                data_bytes=size if known else None,
            )  # fmt: skip
        file.seek(start + size + size % 2)
    return None
