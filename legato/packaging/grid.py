"""The grid on which every rendition of a recording is cut.

A chunk is as many whole AAC frames as first reach five seconds, so that all AAC bitrates
share their boundaries by construction; Vorbis is cut at the last packet end on or before
each line.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

AAC_FRAME_SAMPLES = 1024
CHUNK_S = 5
# A last chunk shorter than this joins the one before it: 5.0155 + 0.45 s stays below Apple's
# target duration + 0.5 s (HLS authoring rule 7.7) and still rounds to 5.
SHORTEST_LAST_CHUNK_S = Fraction(45, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Lines at every `chunk_frames` AAC frames of the timeline."""

    sample_rate_hz: int

    @property
    def chunk_frames(self) -> int:
        """AAC frames in a chunk: 216 at 44.1 kHz, 235 at 48 kHz."""
        return -(-CHUNK_S * self.sample_rate_hz // AAC_FRAME_SAMPLES)

    @property
    def chunk_samples(self) -> int:
        return self.chunk_frames * AAC_FRAME_SAMPLES

    @property
    def shortest_last_chunk_samples(self) -> int:
        return math.ceil(SHORTEST_LAST_CHUNK_S * self.sample_rate_hz)

    def lines(self, samples: int) -> list[int]:
        """Where a timeline of `samples` is cut, in samples: the lines inside it, no runt."""
        last_line = samples - self.shortest_last_chunk_samples
        return list(range(self.chunk_samples, last_line + 1, self.chunk_samples))
