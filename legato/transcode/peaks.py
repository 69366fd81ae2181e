"""Waveform peaks, for players to draw: audiowaveform's JSON, version 2."""

import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

# About as many as the widest screen has columns for.
_MOST_POINTS: Final = 2_000
# PCM is reduced to this first, so that a long recording's points are cheap to gather.
_LARGEST_STEP: Final = 1_024
_FULL_SCALE: Final = 127


class Peaks:
    """The lowest and highest value of every point, channels together, from PCM in passing.

    `samples` is about how many are to come; it decides how many a point stands for.
    """

    def __init__(self, *, sample_rate_hz: int, channels: int, samples: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._channels = channels
        wanted = max(-(-samples // _MOST_POINTS), 1)
        self._step = min(wanted, _LARGEST_STEP)
        self._steps_per_point = -(-wanted // self._step)
        self._rest = b""
        self._lows: list[NDArray[np.float32]] = []
        self._highs: list[NDArray[np.float32]] = []

    def update(self, block: bytes) -> None:
        """Take in 32-bit float PCM; a block may end anywhere."""
        pcm = self._rest + block
        step_bytes = 4 * self._channels * self._step
        whole = len(pcm) - len(pcm) % step_bytes
        self._rest = pcm[whole:]
        self._reduce(pcm[:whole], self._channels * self._step)

    def to_json(self) -> bytes:
        """The document; what is left of a point is one too."""
        self._reduce(self._rest, len(self._rest) // 4)
        self._rest = b""
        lows, highs = self._points(self._lows, np.minimum), self._points(self._highs, np.maximum)
        document = {
            "version": 2,
            "channels": 1,
            "sample_rate": self._sample_rate_hz,
            "samples_per_pixel": self._step * self._steps_per_point,
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

    def _points(self, parts: list[NDArray[np.float32]], reduce: np.ufunc) -> NDArray[np.int8]:
        steps = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        starts = np.arange(0, len(steps), self._steps_per_point)
        points = reduce.reduceat(steps, starts) if len(steps) else steps
        scaled = np.rint(points * _FULL_SCALE)
        return np.clip(scaled, -_FULL_SCALE - 1, _FULL_SCALE).astype(np.int8)
