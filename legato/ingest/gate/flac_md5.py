"""The MD5 of a FLAC's samples, as its header has it (RFC 9639 §8.2)."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = 32


class FlacMd5:
    """Hashes left-aligned 32-bit samples in the stream's own width: little-endian, whole bytes."""

    def __init__(self, *, bits: int) -> None:
        self._shift = _WORD - bits
        self._bytes = -(-bits // 8)
        # Not for secrecy: it is what the format has.
        self._digest = hashlib.md5(usedforsecurity=False)

    def update(self, samples: NDArray[np.int32]) -> None:
        if self._bytes == 2 and self._shift == 16:
            self._digest.update(samples.reshape(-1).view("<i2")[1::2].tobytes())
            return
        words = samples.reshape(-1) >> self._shift
        self._digest.update(words.view("u1").reshape(-1, 4)[:, : self._bytes].tobytes())

    def digest(self) -> bytes:
        return self._digest.digest()
