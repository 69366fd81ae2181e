"""The grid: where a timeline is cut, and where it is not."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.packaging.grid import AAC_FRAME_SAMPLES, Grid

RATES_HZ = (44_100, 48_000)
TWO_HOURS_S = 7200
rates_hz = st.sampled_from(RATES_HZ)
lengths_s = st.fractions(min_value=0, max_value=TWO_HOURS_S)


@pytest.mark.parametrize(("rate_hz", "frames"), [(44_100, 216), (48_000, 235)])
def test_a_chunk_is_the_fewest_whole_frames_that_reach_five_seconds(
    rate_hz: int, frames: int
) -> None:
    grid = Grid(sample_rate_hz=rate_hz)
    assert grid.chunk_frames == frames
    assert (frames - 1) * AAC_FRAME_SAMPLES < 5 * rate_hz <= frames * AAC_FRAME_SAMPLES


def test_a_chunk_that_takes_the_longest_runt_stays_below_target_plus_half_a_second() -> None:
    for rate_hz in RATES_HZ:
        grid = Grid(sample_rate_hz=rate_hz)
        longest = Fraction(grid.chunk_samples + grid.shortest_last_chunk_samples - 1, rate_hz)
        assert longest < Fraction(55, 10)
    assert grid.chunk_samples / 48_000 < 5.0155  # 44.1 kHz has the longer chunk


@pytest.mark.parametrize(("rate_hz", "shortest"), [(44_100, 19_845), (48_000, 21_600)])
def test_a_last_chunk_of_exactly_the_shortest_length_stands_and_one_sample_less_does_not(
    rate_hz: int, shortest: int
) -> None:
    grid = Grid(sample_rate_hz=rate_hz)
    assert grid.lines(grid.chunk_samples + shortest) == [grid.chunk_samples]
    assert grid.lines(grid.chunk_samples + shortest - 1) == []
    assert grid.lines(2 * grid.chunk_samples + shortest - 1) == [grid.chunk_samples]


@pytest.mark.parametrize("samples", [0, 1, 100, 17_640, 220_500])
def test_what_is_shorter_than_a_chunk_is_one_chunk(samples: int) -> None:
    assert Grid(sample_rate_hz=44_100).lines(samples) == []


@given(rates_hz, lengths_s)
def test_every_line_is_a_whole_number_of_chunks_inside_the_timeline(
    rate_hz: int, length_s: Fraction
) -> None:
    grid, samples = Grid(sample_rate_hz=rate_hz), int(length_s * rate_hz)
    lines = grid.lines(samples)
    assert lines == [(i + 1) * grid.chunk_samples for i in range(len(lines))]
    assert all(0 < line < samples for line in lines)


@given(rates_hz, lengths_s)
def test_no_chunk_is_a_runt_and_none_is_longer_than_a_chunk_and_a_runt(
    rate_hz: int, length_s: Fraction
) -> None:
    grid, samples = Grid(sample_rate_hz=rate_hz), int(length_s * rate_hz)
    cuts = [0, *grid.lines(samples), samples]
    *whole, last = [end - start for start, end in pairwise(cuts)]
    assert all(length == grid.chunk_samples for length in whole)
    assert last < grid.chunk_samples + 0.45 * rate_hz
    assert not whole or last >= 0.45 * rate_hz


@given(rates_hz, lengths_s, st.integers(min_value=1, max_value=10**6))
def test_a_longer_timeline_keeps_every_line_of_a_shorter_one(
    rate_hz: int, length_s: Fraction, more: int
) -> None:
    grid, samples = Grid(sample_rate_hz=rate_hz), int(length_s * rate_hz)
    lines = grid.lines(samples)
    assert grid.lines(samples + more)[: len(lines)] == lines
