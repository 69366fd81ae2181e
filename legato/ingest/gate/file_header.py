"""What a file's own header says beside ffmpeg: its width, the form of a WAV, a FLAC's MD5."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from legato.ingest.headers.declared import ContainerHeader
from legato.ingest.headers.wave import read_wave_header
from legato.transcode.probe import Probe

_BITS_OF_FORMAT: Final = {"u8": 8, "s16": 16}
# Companded telephone audio: PCM by name.
_COMPANDED: Final = ("pcm_alaw", "pcm_mulaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """`flac_md5` is all zeros where a FLAC does not know its own; None in other files."""

    lossless: bool
    bits: int | None
    extensible: bool = False
    flac_md5: bytes | None = None


def read_file_header(master: Path, probed: Probe, container: ContainerHeader) -> FileHeader:
    """What the container and ffmpeg say together; what neither does is left out."""
    wave = read_wave_header(master) if probed.container == "wav" else None
    md5 = container.flac_md5 if probed.container == "flac" else None
    return FileHeader(
        lossless=probed.lossless and probed.codec not in _COMPANDED,
        bits=_bits(probed, container),
        extensible=wave is not None and wave.extensible,
        flac_md5=bytes.fromhex(md5) if md5 is not None else None,
    )


def _bits(probed: Probe, container: ContainerHeader) -> int | None:
    """The width that a file declares; None where it has none, or does not say."""
    if probed.codec in _COMPANDED:
        return 8
    if probed.codec.startswith("pcm_"):
        named = re.search(r"\d+", probed.codec)
        return int(named[0]) if named else None
    if probed.codec in ("flac", "alac"):
        return container.bits
    return _BITS_OF_FORMAT.get(probed.sample_format) if probed.lossless else None
