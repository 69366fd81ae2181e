"""What a master's container says of itself: `python -m legato.ingest.container_header PATH`.

mutagen reads tags along with headers, and a tag may unpack to a thousand times its size: this
runs in a process apart (legato/ingest/apart.py).
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import mutagen
import structlog
from mutagen.aac import AAC
from mutagen.mp3 import MP3, BitrateMode
from mutagen.ogg import OggFileType
from mutagen.wave import WAVE

from legato.ingest.apart import ApartError, bound_this_process, run_apart
from legato.ingest.wave_header import read_wave_header

# What a WAV of unknown length declares, as one that was written to a pipe does.
_UNKNOWN_WAV_BYTES: Final = 0xFFFFFFFF - 1024
_UNREADABLE: Final = (mutagen.MutagenError, OSError, ValueError, LookupError, ArithmeticError)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerHeader:
    """None for whatever a header does not say, or only guesses.

    `length_s` is to be held against what is heard; `flac_md5` is hexadecimal, all zeros where a
    FLAC does not know its own.
    """

    length_s: float | None = None
    bits: int | None = None
    flac_md5: str | None = None


def read_container_header(master: Path) -> ContainerHeader:
    """Read it apart; one that cannot be read within bounds says nothing."""
    try:
        printed = run_apart("legato.ingest.container_header", str(master.absolute()))
    except ApartError as error:
        log.warning("header_not_read", file=master.name, error=str(error))
        return ContainerHeader()
    return ContainerHeader(**json.loads(printed))


def parse_container_header(master: Path) -> ContainerHeader:
    """Read it here, without bounds."""
    wave = read_wave_header(master)
    large = wave is not None and wave.large  # mutagen does not know these
    try:
        file: Any = mutagen.File(master)
    except _UNREADABLE:
        file = None
    info: Any = file.info if file is not None else None
    bits, md5 = getattr(info, "bits_per_sample", None), getattr(info, "md5_signature", None)
    return ContainerHeader(
        length_s=wave.length_s if wave is not None and large else _length_s(file),
        bits=int(bits) if bits else None,
        flac_md5=md5.to_bytes(16, "big").hex() if isinstance(md5, int) else None,
    )


def _length_s(file: Any) -> float | None:
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


if __name__ == "__main__":
    bound_this_process()
    print(json.dumps(asdict(parse_container_header(Path(sys.argv[1])))))  # noqa: T201 - its answer
