"""Waveform peaks, for players to draw: audiowaveform's JSON, version 2."""

import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

# About as many points as the widest screen has columns for.
MOST_POINTS: Final = 2_000
# PCM is reduced to this in passing: 32 MB for six hours of it.
STEP_SAMPLES: Final = 256
_FULL_SCALE: Final = 127


class Peaks:
    """The lowest and highest value of every point, channels together, from PCM in passing."""

    def __init__(self, *, sample_rate_hz: int, channels: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._step_values = channels * STEP_SAMPLES
        self._rest = b""
        self._lows: list[NDArray[np.float32]] = []
        self._highs: list[NDArray[np.float32]] = []

    def update(self, block: bytes) -> None:
        """Take in 32-bit float PCM; a block may end anywhere."""
        pcm = self._rest + block
        whole = len(pcm) - len(pcm) % (4 * self._step_values)
        self._rest = pcm[whole:]
        self._reduce(pcm[:whole], self._step_values)

    def to_json(self) -> bytes:
        """The document; what is left of a point is one too."""
        self._reduce(self._rest, len(self._rest) // 4)
        self._rest = b""
        steps = sum(map(len, self._lows))
        steps_per_point = max(-(-steps // MOST_POINTS), 1)
        lows = _points(self._lows, np.minimum, steps_per_point)
        highs = _points(self._highs, np.maximum, steps_per_point)
        document = {
            "version": 2,
            "channels": 1,
            "sample_rate": self._sample_rate_hz,
            "samples_per_pixel": STEP_SAMPLES * steps_per_point,
            "bits": 8,
            "length": len(lows),
            "data": np.stack((lows, highs), axis=1).ravel().tolist(),
        }
        return json.dumps(document, separators=(",", ":")).encode()

    def _reduce(self, pcm: bytes, values: int) -> None:
        """One low and one high for every so many values of PCM."""
        if pcm:
            rows = np.frombuffer(pcm, "<f4").reshape(-1, values)
            self._lows.append(rows.min(axis=1))
            self._highs.append(rows.max(axis=1))


def _points(
    parts: list[NDArray[np.float32]], reduce: np.ufunc, steps_per_point: int
) -> NDArray[np.int8]:
    steps = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    starts = np.arange(0, len(steps), steps_per_point)
    points = reduce.reduceat(steps, starts) if len(steps) else steps
    return np.clip(np.rint(points * _FULL_SCALE), -_FULL_SCALE - 1, _FULL_SCALE).astype(np.int8)
