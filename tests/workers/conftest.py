"""A master that takes a few seconds to encode, so that one can interfere."""

import subprocess
from pathlib import Path

import pytest

from legato.transcode.ffmpeg_binary import FfmpegBinary

SECONDS = 16


@pytest.fixture(scope="session")
def long_master(
    tmp_path_factory: pytest.TempPathFactory, album: list[Path], ffmpeg: FfmpegBinary
) -> Path:
    path = tmp_path_factory.mktemp("long") / "daybreak.flac"
    command = [ffmpeg.path, "-v", "error", "-i", str(album[0]), "-t", str(SECONDS)]
    subprocess.run([*command, "-vn", str(path)], check=True)
    return path
