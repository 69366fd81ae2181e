"""Chromaprint: how a recording sounds in its first two minutes, a word each eighth of a second.

A word says of 16 differences between notes, over some 2 s, how great they are (2 bits each).
ffmpeg has the muxer where it was built with the library; ffmpeg 5.1 and 9 make the same words.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.errors import Unavailable
from legato.transcode import commands
from legato.transcode.process import run

Words = NDArray[np.uint32]

LENGTH_S: Final = 120
_FPCALC: Final = "fpcalc"
# Chromaprint resamples to this itself; the words hardly differ for that it is done before.
_RATE_HZ: Final = 11_025
_TIMEOUT_S: Final = 60


def fingerprinter(ffmpeg: str) -> str | None:
    """What makes fingerprints here: this ffmpeg, else the `fpcalc` on the PATH, else nothing."""
    return ffmpeg if _has_muxer(ffmpeg) else shutil.which(_FPCALC)


def read_words(ffmpeg: str, master: Path) -> Words | None:
    """The words of a master, in order; None where nothing here makes any.

    Raises FfmpegFailedError for a master that does not decode, and Unavailable.
    """
    if _has_muxer(ffmpeg):
        command = commands.fingerprint(ffmpeg, master, length_s=LENGTH_S)
        return words_from(run(command, timeout_s=_TIMEOUT_S).stdout)
    fpcalc = shutil.which(_FPCALC)
    if fpcalc is None:
        return None
    command = commands.decode_beginning(ffmpeg, master, length_s=LENGTH_S, rate_hz=_RATE_HZ)
    return _words_by(fpcalc, run(command, timeout_s=_TIMEOUT_S).stdout)


def words_from(stored: bytes) -> Words:
    """Words as they are stored: little-endian, 32 bits."""
    return np.frombuffer(stored, dtype="<u4").astype(np.uint32)


def as_stored(words: Words) -> bytes:
    return words.astype("<u4").tobytes()


def _words_by(fpcalc: str, pcm: bytes) -> Words:
    """The words by fpcalc, whose decoder is in no sandbox: it gets our PCM, never a master."""
    form = ["-format", "s16le", "-rate", str(_RATE_HZ), "-channels", "1"]
    # It calls the end of its input an error: that is to be ignored.
    command = [fpcalc, "-raw", "-plain", "-ignore-errors", *form, "-length", str(LENGTH_S), "-"]
    try:
        done = subprocess.run(
            command, input=pcm, capture_output=True, timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable("fpcalc_failed", f"{fpcalc}: {error}") from error
    return np.array([int(word) for word in done.stdout.split(b",") if word.strip()], np.uint32)


@cache
def _has_muxer(ffmpeg: str) -> bool:
    try:
        listed = subprocess.run(
            [ffmpeg, "-hide_banner", "-muxers"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return any(line.split()[1:2] == [b"chromaprint"] for line in listed.stdout.splitlines())
