"""Other people's decoders: each makes of a file's bytes its samples, shape (samples, 2)."""

import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.packaging.encoded_music import SYSTEM_FFMPEG, WHEEL_FFMPEG

Decoded = NDArray[Any]


def oggdec(body: bytes) -> Decoded:
    """By libvorbis, in 16 bits."""
    command = ["oggdec", "--quiet", "--raw", "--output", "-", "-"]
    done = subprocess.run(command, input=body, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<i2").reshape(-1, 2)


def _ffmpeg(binary: str) -> Callable[[bytes], Decoded]:
    def decode(body: bytes) -> Decoded:
        command = [binary, "-v", "error", "-i", "pipe:0", "-f", "f32le", "pipe:1"]
        done = subprocess.run(command, input=body, capture_output=True, check=True)
        return np.frombuffer(done.stdout, "<f4").reshape(-1, 2)

    return decode


DECODERS: dict[str, Callable[[bytes], Decoded]] = {
    "oggdec": oggdec,
    "ffmpeg 5.1": _ffmpeg(SYSTEM_FFMPEG),
    "ffmpeg 9": _ffmpeg(WHEEL_FFMPEG),
}
