"""The timescale of AAC tracks: the sample rate, but where a player would lose a sample."""

import struct

import pytest

from legato.packaging.cmaf import init_segment
from legato.packaging.loudness import UNDEFINED
from legato.packaging.mp4_box import find
from legato.packaging.timescale import Timescale

FRAME = 1024


def ticks(media_samples: int, rate_hz: int) -> int:
    return Timescale.for_length(media_samples, rate_hz).ticks_per_sample


@pytest.mark.parametrize(("rate_hz", "finer"), [(44_100, 136), (48_000, 255)])
def test_only_the_lengths_that_chromium_cuts_are_counted_finer(rate_hz: int, finer: int) -> None:
    found = [ticks(7 * FRAME + last, rate_hz) for last in range(1, FRAME + 1)]
    assert (found.count(16), found.count(1)) == (finer, FRAME - finer)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_whole_frames_are_never_counted_finer(rate_hz: int) -> None:
    assert [ticks(count * FRAME, rate_hz) for count in (1, 2, 1000)] == [1, 1, 1]


def test_a_day_in_sixteenths_has_its_whole_length_in_its_box() -> None:
    """More ticks than 32 bits hold."""
    samples = 24 * 3600 * 48_000 + 4
    timescale = Timescale.for_length(FRAME + samples, 48_000)
    assert timescale.ticks_per_sample == 16
    init = init_segment(
        sample_entry=b"", timescale=timescale, priming_samples=FRAME, samples=samples,
        loudness=UNDEFINED,
    )  # fmt: skip
    (duration,) = struct.unpack(">Q", find(init, "moov/mvex/mehd")[4:])
    assert duration == samples * 16 + 1
