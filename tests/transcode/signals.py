"""Masters of numpy: a WAV of any rate, width and number of channels."""

from pathlib import Path

import numpy as np

from fixtures.recording import Recording, quantised
from fixtures.wav import write_extensible, write_pcm


def tones(samples: int, rate_hz: int, channels: int = 2, bits: int = 16) -> Recording:
    """A tone a channel, no two alike."""
    t = np.arange(samples)[:, np.newaxis] / rate_hz
    pitches_hz = 220 * (1 + np.arange(channels))
    return quantised(0.4 * np.sin(2 * np.pi * pitches_hz * t), rate_hz, bits)


def write_master(
    path: Path, samples: int, rate_hz: int, *, channels: int = 2, bits: int = 16
) -> Path:
    recording = tones(samples, rate_hz, channels, bits)
    (write_extensible if channels == 6 else write_pcm)(recording, path)
    return path
