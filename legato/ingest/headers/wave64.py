"""What a Wave64 says of its length: chunks named by GUIDs, with sizes of 64 bits.

Source: Sony Pictures Digital, "Sony Wave64 Audio File Format" (2005).
"""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from legato.ingest.headers.declared import Declared

_RIFF: Final = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_WAVE_TAIL: Final = bytes.fromhex("f3acd3118cd100c04f8edb8a")
# Of a chunk, a GUID and its size, both counted in the size.
_HEAD_BYTES: Final = 24
_ALIGNED_BYTES: Final = 8
_MOST_CHUNKS: Final = 1000


def read_wave64_length(master: Path) -> Declared | None:
    """How much audio a Wave64 announces; None where the file is none."""
    with master.open("rb") as file:
        if file.read(16) != _RIFF:
            return None
        file.seek(_HEAD_BYTES + 16)
        return _read_chunks(file)


def _read_chunks(file: BinaryIO) -> Declared:
    rate_hz = frame_bytes = 0
    for _ in range(_MOST_CHUNKS):
        head = file.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            break
        name, tail, size = struct.unpack("<4s12sQ", head)
        start = file.tell()
        if name == b"fmt " and tail == _WAVE_TAIL:
            _, _, rate_hz, _, frame_bytes = struct.unpack("<HHIIH", file.read(14).ljust(14, b"\0"))
        elif name == b"data" and tail == _WAVE_TAIL:
            return _declared(size - _HEAD_BYTES, frame_bytes, rate_hz)
        step = max(size - _HEAD_BYTES, 0)
        if step >= 1 << 62:
            break
        file.seek(start + step + -step % _ALIGNED_BYTES)
    return Declared()


def _declared(data_bytes: int, frame_bytes: int, rate_hz: int) -> Declared:
    if data_bytes >= 1 << 62:
        return Declared(open_ended=True)
    return Declared.of(data_bytes / frame_bytes if frame_bytes else 0, rate_hz)
