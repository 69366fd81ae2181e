"""True peak: the highest value between the samples too (BS.1770-4, Annex 2), in passing."""

import math
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

OVERSAMPLING: Final = 4
_TAPS: Final = 32
_KAISER_BETA: Final = 8.0
# As many samples at a time as the filter has taps: what it spans is never more than two steps.
_STEP: Final = _TAPS


class TruePeak:
    """The highest of the samples and of three points between each two, channels apart.

    A point between samples is never higher than the samples around it times the sum of its
    filter's absolute taps: where that is below what has been found, nothing is computed.
    """

    def __init__(self, *, channels: int) -> None:
        self._channels = channels
        self._step_bytes = _STEP * channels * np.dtype("<f4").itemsize
        self._rest = bytes(self._step_bytes)
        self._highest = 0.0

    def update(self, block: bytes) -> None:
        """Take in 32-bit float PCM; a block may end anywhere."""
        pcm = self._rest + block
        whole = len(pcm) // self._step_bytes
        if whole > 1:
            frames = np.frombuffer(pcm[: whole * self._step_bytes], "<f4")
            for channel in frames.reshape(-1, self._channels).T:
                self._hear(np.ascontiguousarray(channel))
            self._rest = pcm[(whole - 1) * self._step_bytes :]
        else:
            self._rest = pcm

    @property
    def highest(self) -> float:
        """The highest that has been found so far, relative to full scale."""
        return self._highest

    def dbtp(self) -> float | None:
        """In dB relative to full scale, to a hundredth; None for digital silence.

        Nothing can be taken in afterwards.
        """
        self.update(bytes(2 * self._step_bytes))
        return round(20 * math.log10(self._highest), 2) if self._highest else None

    def _hear(self, samples: NDArray[np.float32]) -> None:
        """Points of every step but the last, which the next block will show from the start."""
        step_peaks = np.abs(samples).reshape(-1, _STEP).max(axis=1)
        self._highest = max(self._highest, float(step_peaks.max()))
        around = np.maximum(step_peaks[:-1], step_peaks[1:])
        windows = sliding_window_view(samples, _STEP + _TAPS - 1)[::_STEP][: len(around)]
        between = windows[around * _GAIN_LIMIT > self._highest] @ _BETWEEN
        if between.size:
            self._highest = max(self._highest, float(between.max()), -float(between.min()))


def _taps() -> NDArray[np.float64]:
    """A windowed sinc for each point between two samples: (points, taps)."""
    points = np.arange(1, OVERSAMPLING)[:, np.newaxis] / OVERSAMPLING
    distance = points + _TAPS / 2 - 1 - np.arange(_TAPS)
    window = np.i0(_KAISER_BETA * np.sqrt(1 - (2 * distance / _TAPS) ** 2))
    taps = np.sinc(distance) * window
    normalised: NDArray[np.float64] = taps / taps.sum(axis=1, keepdims=True)
    return normalised


def _matrix(taps: NDArray[np.float64]) -> NDArray[np.float32]:
    """All points of a step from the samples that they span: (step + taps - 1, step * points)."""
    matrix = np.zeros((_STEP + _TAPS - 1, _STEP, len(taps)), "<f4")
    for sample in range(_STEP):
        matrix[sample : sample + _TAPS, sample] = taps.T
    return matrix.reshape(_STEP + _TAPS - 1, -1)


_GAIN_LIMIT: Final = np.float32(np.abs(_taps()).sum(axis=1).max() * 1.0001)  # for its rounding
_BETWEEN: Final = _matrix(_taps())
