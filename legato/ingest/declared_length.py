"""How long a master says it is, to be held against how long it was heard to be."""

from pathlib import Path
from typing import Any

import mutagen
from mutagen.aac import AAC
from mutagen.mp3 import MP3, BitrateMode
from mutagen.ogg import OggFileType
from mutagen.wave import WAVE

from legato.ingest.wave_header import read_wave_header

# What a WAV of unknown length declares, as one that was written to a pipe does.
_UNKNOWN_WAV_BYTES = 0xFFFFFFFF - 1024


def declared_length_s(master: Path) -> float | None:
    """The length in the container's own header; None where it has none, or only a guess."""
    wave = read_wave_header(master)
    if wave is not None and wave.large:  # mutagen does not know these
        return wave.length_s
    try:
        file: Any = mutagen.File(master)
    except (mutagen.MutagenError, OSError, ValueError, LookupError, ArithmeticError):
        return None
    if file is None or isinstance(file, (AAC, OggFileType)):
        return None
    info: Any = file.info
    if isinstance(file, MP3) and info.bitrate_mode == BitrateMode.UNKNOWN:
        return None  # estimated from the file's size
    if isinstance(file, WAVE) and _bytes_of(file) >= _UNKNOWN_WAV_BYTES:
        return None
    length = float(info.length)
    return length if length > 0 else None


def _bytes_of(file: Any) -> float:
    return float(file.info.length * file.info.bitrate / 8)
