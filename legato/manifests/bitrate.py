"""Measured bitrates of a run of chunks (RFC 8216 §4.1)."""

import math
from collections.abc import Sequence
from fractions import Fraction

# A chunk's bytes, and its samples.
ChunkSize = tuple[int, int]


def target_duration_s(samples: Sequence[int], sample_rate_hz: int) -> int:
    """The longest chunk's duration, rounded to whole seconds (RFC 8216 §4.3.3.1)."""
    return max(1, math.floor(Fraction(max(samples), sample_rate_hz) + Fraction(1, 2)))


def average_bps(chunks: Sequence[ChunkSize], sample_rate_hz: int) -> int:
    """All bits over all of the duration, rounded up."""
    size = sum(size for size, _ in chunks)
    samples = sum(samples for _, samples in chunks)
    return math.ceil(Fraction(8 * size * sample_rate_hz, samples))


def peak_bps(chunks: Sequence[ChunkSize], sample_rate_hz: int) -> int:
    """The largest rate of any run of chunks of 0.5 to 1.5 target durations, rounded up.

    A stream shorter than half of one has no such run: its average is its peak.
    """
    target = target_duration_s([samples for _, samples in chunks], sample_rate_hz)
    shortest, longest = target * sample_rate_hz / 2, target * sample_rate_hz * 1.5
    peak = Fraction(0)
    for start in range(len(chunks)):
        size = samples = 0
        for chunk_size, chunk_samples in chunks[start:]:
            size, samples = size + chunk_size, samples + chunk_samples
            if samples > longest:
                break
            if samples >= shortest:
                peak = max(peak, Fraction(8 * size * sample_rate_hz, samples))
    return math.ceil(peak) or average_bps(chunks, sample_rate_hz)
