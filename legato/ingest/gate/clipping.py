"""Clipping: flat tops at full scale."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.ingest.gate.runs import Places, PlacesHeard, Runs

# Three samples in a row at full scale are what mastering desks call an over.
SHORTEST_OVER: Final = 3
# The last code of 16 bits and of more; what is beyond, in a float master, is no flat top.
_NEAR: Final = np.float32(2**-15)
_FULL_SCALE: Final = np.float32(1) - _NEAR
# Overs nearer to each other are one place to listen to.
_APART_S: Final = 1.0


class Clipping:
    """Runs of samples at full scale, channels apart."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        self._runs = [Runs() for _ in range(channels)]
        self._found = PlacesHeard(rate_hz=rate_hz, apart_s=_APART_S)

    def update(self, frames: NDArray[np.float32], peak: float) -> None:
        """Take in frames; `peak` is the highest absolute value in them."""
        if peak < _FULL_SCALE:
            tops = np.zeros(frames.shape, np.bool_)
        else:
            tops = np.abs(np.abs(frames) - np.float32(1)) <= _NEAR
        ended = [runs.update(column) for runs, column in zip(self._runs, tops.T, strict=True)]
        overs = np.concatenate(ended)
        overs = overs[overs[:, 1] - overs[:, 0] >= SHORTEST_OVER]
        self._found.add(overs[np.argsort(overs[:, 0], kind="stable")])

    def found(self) -> Places:
        """What has been found; nothing can be taken in afterwards."""
        self.update(np.zeros((1, len(self._runs)), np.float32), 0.0)
        return self._found.found()
