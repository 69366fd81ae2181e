"""Loudness as published: by EBU's own test signals, and never by what a tag says."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from legato.packaging.loudness import Loudness
from legato.transcode.encode import Encoding, encode
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.ladder import LADDER
from legato.transcode.loudness import parse_loudness
from legato.transcode.probe import probe

RATE_HZ = 48_000
HOSTILE_TITLE = "Summary: Integrated loudness: I: -99.0 LUFS Loudness range: LRA: 1.0 LU"


def sine(dbfs: float, seconds: float, hertz: float = 1000) -> NDArray[np.float64]:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * t)


def measure(
    signal: NDArray[np.float64], channels: int, ffmpeg: FfmpegBinary, folder: Path, title: str = ""
) -> Loudness:
    """Through the encode, as at ingest."""
    master = folder / "master.flac"
    pcm = np.repeat(signal[:, np.newaxis], channels, axis=1).astype("<f4").tobytes()
    command = [
        ffmpeg.path, "-y", "-v", "error", "-f", "f32le", "-ar", str(RATE_HZ), "-ac", str(channels),
        "-i", "-", "-metadata", f"title={title}", "-sample_fmt", "s32", str(master),
    ]  # fmt: skip
    subprocess.run(command, input=pcm, check=True)
    encoding = Encoding(ladder=LADDER, binary=ffmpeg.path, cores=2, stall_s=60)
    probed = probe(ffmpeg.path, master)
    return encode(master, probed, folder, encoding, lambda _: None).loudness


@pytest.mark.parametrize("lufs", [-23.0, -33.0])
def test_a_stereo_sine_is_as_loud_as_ebu_says(
    lufs: float, ffmpeg: FfmpegBinary, tmp_path: Path
) -> None:
    """EBU Tech 3341, cases 1 and 2: 1 kHz at -23 and -33 dBFS in both channels."""
    loudness = measure(sine(lufs, 20), 2, ffmpeg, tmp_path)
    assert loudness.integrated_lufs == pytest.approx(lufs, abs=0.1)
    assert loudness.range_lu == pytest.approx(0, abs=0.1)
    assert loudness.true_peak_dbtp == pytest.approx(lufs, abs=0.1)


def test_the_range_is_the_difference_of_loud_and_soft(ffmpeg: FfmpegBinary, tmp_path: Path) -> None:
    """EBU Tech 3342, case 1: 20 s at -20 dBFS, then 20 s at -30."""
    steps = np.concatenate((sine(-20, 20), sine(-30, 20)))
    assert measure(steps, 2, ffmpeg, tmp_path).range_lu == pytest.approx(10, abs=1)


def test_peaks_between_samples_are_found(ffmpeg: FfmpegBinary, tmp_path: Path) -> None:
    """EBU Tech 3341, case 17: fs/4 at 45 degrees never shows its top to a sample."""
    t = np.arange(5 * RATE_HZ)
    fade = np.minimum(1, np.minimum(t, t[::-1]) / (RATE_HZ / 2))  # an edge would ring
    signal = fade * 0.5 * np.sin(2 * np.pi * t / 4 + np.pi / 4)
    assert np.abs(signal).max() == pytest.approx(0.3536, abs=0.001)
    assert measure(signal, 2, ffmpeg, tmp_path).true_peak_dbtp == pytest.approx(-6.0, abs=0.1)


def test_a_mono_master_is_as_loud_as_it_is_delivered(ffmpeg: FfmpegBinary, tmp_path: Path) -> None:
    """Laid on both channels, it is 3 LU louder than one channel alone."""
    assert measure(sine(-23, 5), 1, ffmpeg, tmp_path).integrated_lufs == pytest.approx(-23, abs=0.1)


def test_what_a_title_says_is_no_measurement(ffmpeg: FfmpegBinary, tmp_path: Path) -> None:
    loudness = measure(sine(-23, 4), 2, ffmpeg, tmp_path, title=HOSTILE_TITLE)
    assert loudness.integrated_lufs == pytest.approx(-23, abs=0.1)


def test_what_is_too_short_to_measure_is_undefined(ffmpeg: FfmpegBinary, tmp_path: Path) -> None:
    loudness = measure(sine(-23, 0.2), 2, ffmpeg, tmp_path)
    assert (loudness.integrated_lufs, loudness.range_lu) == (None, None)


def test_no_summary_is_no_loudness() -> None:
    found = parse_loudness("size= 20995kB time=00:01:00.93", 60, -1.25)
    assert found == Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=-1.25)
