"""Measured bitrates: small cases by hand, and what must hold of any."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.manifests.bitrate import ChunkSize, average_bps, peak_bps, target_duration_s

RATE_HZ = 1000  # so that a thousand samples are a second
chunks = st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 5500)), min_size=1, max_size=12)


def seconds(*rows: tuple[int, float]) -> list[ChunkSize]:
    """Chunks of so many bytes and seconds."""
    return [(size, round(duration_s * RATE_HZ)) for size, duration_s in rows]


@pytest.mark.parametrize(
    ("samples", "rate_hz", "expected"),
    [
        ([221_184, 1000], 44_100, 5),
        ([221_184 + 19_844], 44_100, 5),
        ([240_640 + 21_599], 48_000, 5),
        ([5500], 1000, 6),
        ([5499], 1000, 5),
        ([4400, 4500], 1000, 5),
        ([1], 44_100, 1),
        ([600], 1000, 1),
    ],
)
def test_the_target_duration_is_the_longest_chunk_rounded_and_never_0(
    samples: list[int], rate_hz: int, expected: int
) -> None:
    assert target_duration_s(samples, rate_hz) == expected


@pytest.mark.parametrize(
    ("rows", "average", "peak"),
    [
        (seconds((1000, 5), (1000, 5)), 1600, 1600),
        (seconds((1000, 5), (2000, 5), (1000, 5)), 2134, 3200),
        # The last chunk alone is too short a run; with the one before it, it is a run.
        (seconds((1000, 5), (1000, 1)), 2667, 2667),
        # 2.4 s are less than half of the target of 5: only runs with their neighbours count.
        (seconds((1000, 5), (9000, 2.4)), 10_811, 10_811),
        # 2.5 s are exactly half of it: a run.
        (seconds((1000, 5), (9000, 2.5)), 10_667, 28_800),
        # 1.4 and 0.1 s are exactly one and a half of a target of 1: a run, and the fastest.
        (seconds((100, 1.4), (100, 0.1)), 1067, 1067),
        # 1.4 and 0.2 s are more than that.
        (seconds((100, 1.4), (100, 0.2)), 1000, 572),
        # Shorter than any run: the average.
        (seconds((50, 0.4)), 1000, 1000),
        (seconds((0, 5)), 0, 0),
    ],
)
def test_small_cases_are_as_by_hand(rows: list[ChunkSize], average: int, peak: int) -> None:
    assert average_bps(rows, RATE_HZ) == average
    assert peak_bps(rows, RATE_HZ) == peak


def runs_of(rows: list[ChunkSize]) -> list[Fraction]:
    """The rate of every run that RFC 8216 §4.1 counts, by its words and not by its loop."""
    target = target_duration_s([samples for _, samples in rows], RATE_HZ)
    rates = []
    for start in range(len(rows)):
        for end in range(start + 1, len(rows) + 1):
            size = sum(size for size, _ in rows[start:end])
            duration_s = Fraction(sum(samples for _, samples in rows[start:end]), RATE_HZ)
            if target / Fraction(2) <= duration_s <= target * Fraction(3, 2):
                rates.append(8 * size / duration_s)
    return rates


@given(chunks)
def test_the_peak_is_the_fastest_run_rounded_up(rows: list[ChunkSize]) -> None:
    fastest = max(runs_of(rows), default=Fraction(0))
    assert peak_bps(rows, RATE_HZ) == (math.ceil(fastest) or average_bps(rows, RATE_HZ))


@given(chunks, st.integers(1, 10))
def test_rates_scale_with_the_bytes(rows: list[ChunkSize], factor: int) -> None:
    larger = [(size * factor, samples) for size, samples in rows]
    assert abs(average_bps(larger, RATE_HZ) - factor * average_bps(rows, RATE_HZ)) <= factor
    assert abs(peak_bps(larger, RATE_HZ) - factor * peak_bps(rows, RATE_HZ)) <= factor


@given(st.integers(1, 10**6), st.integers(1, 40))
def test_of_equal_chunks_peak_and_average_are_one(size: int, count: int) -> None:
    rows = [(size, 5015)] * count
    assert peak_bps(rows, RATE_HZ) == average_bps(rows, RATE_HZ)
