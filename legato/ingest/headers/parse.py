"""What a master's container says of itself: `python -m legato.ingest.headers.parse PATH`.

mutagen reads tags along with headers, and a tag may unpack to a thousand times its size: this
runs in a process apart (legato/ingest/apart.py).
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import mutagen
from mutagen.aac import AAC
from mutagen.mp3 import MP3, BitrateMode
from mutagen.ogg import OggFileType

from legato.ingest.apart import bound_this_process
from legato.ingest.headers.core_audio import read_core_audio_length
from legato.ingest.headers.declared import ContainerHeader, Declared
from legato.ingest.headers.wave import read_wave_header
from legato.ingest.headers.wave64 import read_wave64_length

_UNREADABLE: Final = (mutagen.MutagenError, OSError, ValueError, LookupError, ArithmeticError)


def parse_container_header(master: Path) -> ContainerHeader:
    """Read it here, without bounds."""
    try:
        file: Any = mutagen.File(master)
    except _UNREADABLE:
        file = None
    info: Any = file.info if file is not None else None
    bits, md5 = getattr(info, "bits_per_sample", None), getattr(info, "md5_signature", None)
    declared = _declared(master) or Declared(length_s=_length_s(file))
    return ContainerHeader(
        length_s=declared.length_s,
        open_ended=declared.open_ended,
        bits=int(bits) if bits else None,
        flac_md5=md5.to_bytes(16, "big").hex() if isinstance(md5, int) else None,
    )


def _declared(master: Path) -> Declared | None:
    """What our own readers know: mutagen reads none of these whole."""
    wave = read_wave_header(master)
    if wave is not None:
        return wave.declared
    return read_core_audio_length(master) or read_wave64_length(master)


def _length_s(file: Any) -> float | None:
    if file is None or isinstance(file, (AAC, OggFileType)):
        return None
    info: Any = file.info
    if isinstance(file, MP3) and info.bitrate_mode == BitrateMode.UNKNOWN:
        return None  # estimated from the file's size
    length = float(info.length)
    return length if length > 0 else None


if __name__ == "__main__":
    bound_this_process()
    print(json.dumps(asdict(parse_container_header(Path(sys.argv[1])))))  # noqa: T201 - its answer
