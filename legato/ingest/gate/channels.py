"""How channels compare: their levels, their offsets, and whether left and right belong together."""

import math

import numpy as np
from numpy.typing import NDArray


class Channels:
    """Sums and products of all channels, in passing."""

    def __init__(self, channels: int) -> None:
        self._frames = 0
        self._sums = np.zeros(channels)
        self._squares = np.zeros(channels)
        self._product = 0.0
        self._stereo = channels == 2
        self._alike = self._stereo

    def update(self, frames: NDArray[np.float32]) -> None:
        self._frames += len(frames)
        columns = [np.ascontiguousarray(column) for column in frames.T]
        self._sums += [float(column.sum()) for column in columns]
        self._squares += [_product(column, column) for column in columns]
        if self._stereo:
            left, right = columns
            self._product += _product(left, right)
            self._alike = self._alike and np.array_equal(left, right)

    def levels_dbfs(self) -> tuple[float | None, ...]:
        """The mean level of each; None for digital silence."""
        return tuple(
            round(10 * math.log10(square / self._frames), 2) if square > 0 else None
            for square in self._squares.tolist()
        )

    def offsets(self) -> tuple[float, ...]:
        """The mean of each, relative to full scale."""
        return tuple(round(total / max(self._frames, 1), 6) for total in self._sums.tolist())

    def correlation(self) -> float | None:
        """From -1 (one is the other upside down) to 1; None but for stereo with sound on both."""
        energy = math.sqrt(math.prod(self._squares.tolist()))
        return round(self._product / energy, 4) if self._stereo and energy else None

    def alike(self) -> bool:
        """Whether left and right are the same, sample for sample."""
        return self._alike and bool(self._squares.any())


def _product(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Without the threads of a BLAS: they cost more CPU than they save time."""
    return float(np.einsum("i,i->", one, other))
