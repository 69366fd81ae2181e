"""The timescale of an AAC track, so that no player loses its last sample (decision 8).

Chromium's `decodeAudioData` cuts a last frame to its duration in whole microseconds over a whole
frame's, rounded down: of some lengths it would leave out the last sample. Such a track counts
in sixteenths of a sample, and its last frame lasts one sixteenth longer.
"""

from dataclasses import dataclass
from typing import Final, Self

from legato.packaging.grid import AAC_FRAME_SAMPLES

_SIXTEENTHS: Final = 16
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timescale:
    """Ticks of an AAC track: as many a sample, and so many more at its very end."""

    sample_rate_hz: int
    ticks_per_sample: int = 1
    extra_at_end: int = 0

    @classmethod
    def for_length(cls, media_samples: int, sample_rate_hz: int) -> Self:
        """The timescale of a track of so many samples, its priming counted."""
        last_frame = (media_samples - 1) % AAC_FRAME_SAMPLES + 1
        if _is_kept(last_frame, sample_rate_hz):
            return cls(sample_rate_hz=sample_rate_hz)
        return cls(sample_rate_hz=sample_rate_hz, ticks_per_sample=_SIXTEENTHS, extra_at_end=1)

    @property
    def ticks_per_second(self) -> int:
        return self.sample_rate_hz * self.ticks_per_sample


def _is_kept(last_frame: int, sample_rate_hz: int) -> bool:
    """Whether whole microseconds make all of a last frame of so many samples audible."""
    lasts = (2 * last_frame * _MICROSECONDS + sample_rate_hz) // (2 * sample_rate_hz)
    whole = AAC_FRAME_SAMPLES * _MICROSECONDS // sample_rate_hz
    return lasts * AAC_FRAME_SAMPLES // whole >= last_frame
