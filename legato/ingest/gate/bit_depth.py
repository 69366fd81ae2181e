"""How many bits a master really uses, whatever width it is written in."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = 32
# What is asked of a float master: does it hold no more than integers of so many bits do?
_INTEGER_WIDTHS: Final = (16, 24)


class IntegerBits:
    """Of left-aligned 32-bit integers: what is above the bits that are always zero."""

    def __init__(self) -> None:
        self._used = 0

    def update(self, samples: NDArray[np.int32]) -> None:
        if not self._used & 1:
            self._used |= int(np.bitwise_or.reduce(samples, axis=None))

    def bits(self) -> int:
        """0 for digital silence."""
        lowest = self._used & -self._used
        return _WORD - lowest.bit_length() + 1 if self._used else 0


class FloatBits:
    """Of 32-bit floats: the narrowest integers that hold them all, else 32."""

    def __init__(self) -> None:
        self._widths = list(_INTEGER_WIDTHS)

    def update(self, samples: NDArray[np.float32]) -> None:
        while self._widths:
            with np.errstate(over="ignore", invalid="ignore"):  # what is no number fits nothing
                scaled = samples * np.float32(2 ** (self._widths[0] - 1))
                fits = np.array_equal(scaled, np.rint(scaled))
            if fits:
                return
            self._widths.pop(0)

    def bits(self) -> int:
        return self._widths[0] if self._widths else _WORD
