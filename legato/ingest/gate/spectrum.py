"""Where a master's spectrum ends, and how steeply: what resamplers and lossy codecs leave behind.

A window of half a second's beginning is looked at every half second; their powers are averaged.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_WINDOW: Final = 4096
_EVERY_S: Final = 0.5
_BAND_HZ: Final = 250
# A wall is looked for between 1 and 2 kHz below and all that is 1 kHz above: filters need room.
_SLOPE_BANDS: Final = 4
_BELOW_BANDS: Final = 4
# A converter's own filter falls there in every master.
_NYQUIST_SHARE: Final = 0.97
_LOWEST_WALL_HZ: Final = 12_000
_HANN: Final = np.hanning(_WINDOW)
_NOTHING: Final = 1e-20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Above `frequency_hz` all is at least `drop_db` below what is just under it.

    `floor_db` is the loudest of what is left above: a band's power as if all the spectrum had
    it, relative to full scale.
    """

    frequency_hz: int
    drop_db: float
    floor_db: float


class Spectrum:
    """The mean power spectrum of left and right, from a window every half second."""

    def __init__(self, *, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._every = max(round(_EVERY_S * rate_hz), _WINDOW)
        self._skip = 0
        self._taken: list[NDArray[np.float32]] = []
        self._wanted = _WINDOW
        self._power = np.zeros(_WINDOW // 2 + 1)
        self._windows = 0

    def update(self, frames: NDArray[np.float32]) -> None:
        frames = frames[:, :2]
        while len(frames) > self._skip:
            part = frames[self._skip : self._skip + self._wanted]
            frames = frames[self._skip + len(part) :]
            self._take(part)
        self._skip -= len(frames)

    def wall(self) -> Wall | None:
        """The steepest end of the spectrum above 12 kHz; None where no room is for one."""
        levels = self._band_levels()
        first = _LOWEST_WALL_HZ // _BAND_HZ
        last = len(levels) - _SLOPE_BANDS
        if not self._windows or last <= first:
            return None
        walls = [_wall(levels, edge) for edge in range(first, last)]
        return max(walls, key=lambda wall: wall.drop_db)

    def _take(self, part: NDArray[np.float32]) -> None:
        # A copy: the frames are the caller's, and gone when the next part comes.
        self._taken.append(part.copy())
        self._wanted -= len(part)
        self._skip = 0
        if self._wanted == 0:
            window = np.concatenate(self._taken).T * _HANN
            powers = np.abs(np.fft.rfft(window)) ** 2 / (_HANN**2).sum()
            self._power += powers.mean(axis=0)
            self._windows += 1
            self._taken, self._wanted = [], _WINDOW
            self._skip = self._every - _WINDOW

    def _band_levels(self) -> NDArray[np.float64]:
        """The mean power of each band of 250 Hz, in dB; white noise has its own power in all."""
        bins_per_band = _BAND_HZ * _WINDOW / self._rate_hz
        bands = int(len(self._power) * _NYQUIST_SHARE / bins_per_band)
        edges = np.rint(np.arange(bands + 1) * bins_per_band).astype(np.intp)
        totals = np.add.reduceat(self._power, edges)[:-1] if bands else np.zeros(0)
        mean = totals / np.maximum(np.diff(edges), 1) / max(self._windows, 1)
        levels: NDArray[np.float64] = 10 * np.log10(mean + _NOTHING)
        return levels


def _wall(levels: NDArray[np.float64], edge: int) -> Wall:
    """How the spectrum falls around a band's lower edge; the wall stands half-way down."""
    under = edge - _SLOPE_BANDS
    below = float(levels[under - _BELOW_BANDS : under].mean())
    above = float(levels[edge + _SLOPE_BANDS :].max())
    half_way = (below + above) / 2
    standing = np.flatnonzero(levels > half_way)
    band = int(standing[-1]) + 1 if below > above and len(standing) else edge
    return Wall(
        frequency_hz=band * _BAND_HZ,
        drop_db=round(below - above, 1),
        floor_db=round(above, 1),
    )
