"""Music of numpy, through our own encoder command lines: what packaging is given."""

import subprocess
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from legato.packaging.aac_fragments import package_aac
from legato.packaging.chunks import ChunkIndex
from legato.packaging.ogg_vorbis import package_vorbis
from legato.transcode import commands
from legato.transcode.ladder import LADDER

SYSTEM_FFMPEG = "/usr/bin/ffmpeg"
WHEEL_FFMPEG = str(imageio_ffmpeg.get_ffmpeg_exe())
VORBIS = ("vorbis-96", "vorbis-160", "vorbis-320")
AAC = ("aac-96", "aac-160", "aac-320")

Signal = NDArray[np.float32]


def music(samples: int, rate_hz: int) -> Signal:
    """Tones and thirty clicks a second: no two bitrates then agree on the block sizes."""
    random = np.random.default_rng(samples)
    t = np.arange(samples)[:, np.newaxis] / rate_hz
    tones = 0.15 * np.sin(2 * np.pi * np.array([440, 660]) * t)
    strikes = (random.random(samples) < 30 / rate_hz) * random.uniform(0, 0.3, samples)
    loudness = np.convolve(strikes, np.exp(-np.arange(400) / 80))[:samples, np.newaxis]
    noise = random.normal(0, 0.1, (samples, 2))
    return (tones + noise * (0.02 + 5 * loudness)).astype("<f4")


@cache
def _encoded(codec: str, samples: int, rate_hz: int, binary: str) -> Mapping[str, bytes]:
    """The encoder's files of one codec's renditions, by name."""
    renditions = [one for one in LADDER.renditions if one.codec == codec]
    with TemporaryDirectory() as name:
        folder = Path(name)
        command = commands.encode(binary, renditions, rate_hz=rate_hz, folder=folder)
        subprocess.run(command, input=music(samples, rate_hz).tobytes(), check=True)
        files = {one.name: commands.encoded_file(folder, one) for one in renditions}
        return {name: path.read_bytes() for name, path in files.items()}


def encoded(name: str, samples: int, rate_hz: int, binary: str = SYSTEM_FFMPEG) -> bytes:
    """The encoder's file of a rendition; made once."""
    return _encoded(name.partition("-")[0], samples, rate_hz, binary)[name]


def package(source: bytes, name: str, samples: int) -> tuple[bytes, ChunkIndex]:
    """What our packager of this rendition makes of an encoder's file."""
    sink = BytesIO()
    packager = package_vorbis if name.startswith("vorbis") else package_aac
    index = packager(BytesIO(source), sink, samples=samples)
    return sink.getvalue(), index


@cache
def packaged(
    name: str, samples: int, rate_hz: int, binary: str = SYSTEM_FFMPEG
) -> tuple[bytes, ChunkIndex]:
    """The packaged file of a rendition, and where its chunks lie."""
    return package(encoded(name, samples, rate_hz, binary), name, samples)


def fetched(body: bytes, index: ChunkIndex, number: int) -> bytes:
    """What a player has of chunk `number`: the init segment and the bytes of its address."""
    chunk = index.chunks[number]
    return body[: index.init_size] + body[chunk.offset - chunk.preroll : chunk.offset + chunk.size]
