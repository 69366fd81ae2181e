"""What a Core Audio file says of its length.

Source: Apple, "Core Audio Format Specification 1.0": Audio Description and Audio Data chunks. The
Packet Table's count is not taken: some that write ALAC round it up to whole packets.
"""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from legato.ingest.headers.declared import Declared

_HEAD: Final = struct.Struct(">4sq")
_DESCRIPTION: Final = struct.Struct(">d4sII")
# The audio data begin with a count of edits.
_EDIT_COUNT_BYTES: Final = 4
_UNKNOWN: Final = -1
_MOST_CHUNKS: Final = 1000


def read_core_audio_length(master: Path) -> Declared | None:
    """How much PCM a CAF announces; None where the file is none."""
    with master.open("rb") as file:
        if file.read(8)[:4] != b"caff":
            return None
        return _read_chunks(file)


def _read_chunks(file: BinaryIO) -> Declared:
    rate_hz, packet_bytes = 0.0, 0
    for _ in range(_MOST_CHUNKS):
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            break
        name, size = _HEAD.unpack(head)
        start = file.tell()
        if name == b"desc":
            description = file.read(_DESCRIPTION.size).ljust(_DESCRIPTION.size, b"\0")
            rate_hz, _, _, packet_bytes = _DESCRIPTION.unpack(description)
        elif name == b"data":
            return _declared(size, packet_bytes, rate_hz)
        if size < 0:
            break
        file.seek(start + size)
    return Declared()


def _declared(data_bytes: int, packet_bytes: int, rate_hz: float) -> Declared:
    """PCM has packets of one size, a sample of every channel; of the rest nothing is told."""
    if data_bytes == _UNKNOWN:
        return Declared(open_ended=True)
    frames = (data_bytes - _EDIT_COUNT_BYTES) / packet_bytes if packet_bytes else 0
    return Declared.of(frames, rate_hz)
