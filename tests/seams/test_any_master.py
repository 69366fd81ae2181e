"""Chunks join without a gap, whatever the master: any length, any rate, mono to 5.1."""

from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legato.packaging.grid import Grid
from legato.transcode.ladder import delivered_rate_hz
from tests.seams.any_master import (
    check_aac,
    check_lengths,
    check_playlists,
    check_vorbis,
    deliver,
    write_master,
)

RATES_HZ = [
    8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000,
]  # fmt: skip


@st.composite
def shapes(draw: st.DrawFn, most_chunks: int) -> tuple[int, int, int]:
    """Samples, rate and channels: next to nothing, around a line or the shortest chunk, any."""
    rate_hz = draw(st.sampled_from(RATES_HZ))
    grid = Grid(sample_rate_hz=delivered_rate_hz(rate_hz))
    near_a_line = st.builds(
        lambda line, past, off: line * grid.chunk_samples + past + off,
        st.integers(1, most_chunks),
        st.sampled_from([0, grid.shortest_last_chunk_samples]),
        st.integers(-2, 2),
    )
    delivered = draw(
        st.one_of(
            st.integers(1, 3_000), near_a_line, st.integers(1, most_chunks * grid.chunk_samples)
        )
    )
    samples = max(round(Fraction(delivered * rate_hz, grid.sample_rate_hz)), 1)
    return samples, rate_hz, draw(st.sampled_from([1, 2, 6]))


def check(shape: tuple[int, int, int], seed: int) -> None:
    samples, rate_hz, channels = shape
    with TemporaryDirectory() as name:
        master = write_master(Path(name) / "master.wav", samples, rate_hz, channels)
        delivered = deliver(master, Path(name) / "job")
    expected = Fraction(samples * delivered.sample_rate_hz, rate_hz)
    assert abs(delivered.samples - expected) < 1
    check_lengths(delivered)
    check_playlists(delivered)
    check_vorbis(delivered, Random(seed))
    check_aac(delivered, Random(seed))


@settings(max_examples=14, deadline=None, derandomize=True, database=None)
@given(shapes(most_chunks=3), st.integers(0, 2**32))
def test_chunks_of_any_master_join(shape: tuple[int, int, int], seed: int) -> None:
    check(shape, seed)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(max_examples=150, deadline=None)
@given(shapes(most_chunks=8), st.integers(0, 2**32))
def test_chunks_of_many_masters_join(shape: tuple[int, int, int], seed: int) -> None:
    """150 masters: 1 sample to 40 s, 8 to 192 kHz, mono to 5.1; jumps, changes of rendition."""
    check(shape, seed)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("rate_hz", "channels"),
    [(8_000, 1), (44_100, 2), (48_000, 6), (96_000, 2), (192_000, 2)],
)
def test_chunks_of_a_quarter_of_an_hour_join(rate_hz: int, channels: int) -> None:
    """180 chunks a rendition, with a change of rendition at every boundary."""
    check((15 * 60 * rate_hz - 17, rate_hz, channels), seed=rate_hz)
