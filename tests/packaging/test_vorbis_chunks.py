"""Chunks of real Vorbis files, each decoded alone by three decoders."""

import numpy as np
import pytest

from legato.packaging.grid import Grid
from tests.packaging.decoders import DECODERS, Decoded
from tests.packaging.encoded_music import VORBIS, WHEEL_FFMPEG, encoded, fetched, packaged

RUNT_44100, LINE_44100 = 19_845, 221_184
RUNT_48000, LINE_48000 = 21_600, 240_640
LONG_44100, LONG_48000 = 16 * 44_100, 11 * 48_000
# Samples, and their rate: next to nothing, around a line, around the shortest last chunk, long.
LENGTHS = [
    (1, 44_100), (100, 44_100), (17_640, 44_100),
    (LINE_44100 + 1, 44_100),
    (LINE_44100 + RUNT_44100 - 1, 44_100), (LINE_44100 + RUNT_44100, 44_100),
    (LONG_44100, 44_100),
    (1, 48_000), (LINE_48000 + RUNT_48000, 48_000), (LONG_48000, 48_000),
]  # fmt: skip
every_length = pytest.mark.parametrize(("samples", "rate_hz"), LENGTHS)
every_name = pytest.mark.parametrize("name", VORBIS)


@every_name
@every_length
def test_a_chunk_decodes_alone_to_exactly_its_samples(
    name: str, samples: int, rate_hz: int
) -> None:
    body, index = packaged(name, samples, rate_hz)
    for decode in DECODERS.values():
        whole = decode(body)
        assert len(whole) == samples
        for number, chunk in enumerate(index.chunks):
            first = chunk.start_sample - chunk.preroll_samples
            alone = decode(fetched(body, index, number))
            np.testing.assert_array_equal(
                alone, whole[first : chunk.start_sample + chunk.samples], strict=True
            )


@every_name
def test_packaging_changes_no_sample_of_the_encoders_own_file(name: str) -> None:
    for decode in DECODERS.values():
        ours, theirs = (
            decode(packaged(name, LONG_44100, 44_100)[0]),
            decode(encoded(name, LONG_44100, 44_100)),
        )
        np.testing.assert_array_equal(ours, theirs, strict=True)


@every_name
@every_length
def test_chunks_tile_the_file_and_the_timeline(name: str, samples: int, rate_hz: int) -> None:
    body, index = packaged(name, samples, rate_hz)
    offset, start = index.init_size, 0
    for chunk in index.chunks:
        assert (chunk.offset, chunk.start_sample) == (offset, start)
        offset, start = offset + chunk.size, start + chunk.samples
    assert (offset, start) == (len(body), samples)
    assert (index.samples, index.sample_rate_hz, index.warmup_samples) == (samples, rate_hz, 0)


@every_name
@every_length
def test_a_chunk_ends_at_the_last_packet_before_its_line(
    name: str, samples: int, rate_hz: int
) -> None:
    _, index = packaged(name, samples, rate_hz)
    lines = Grid(sample_rate_hz=rate_hz).lines(samples)
    starts = [chunk.start_sample for chunk in index.chunks[1:]]
    assert len(starts) == len(lines)
    assert all(line - 1024 < start <= line for start, line in zip(starts, lines, strict=True))
    # So the pre-roll has to go back to where the earliest cut of any rendition may lie.
    reached = [chunk.start_sample - chunk.preroll_samples for chunk in index.chunks[1:]]
    assert all(first <= line - 1024 for first, line in zip(reached, lines, strict=True))


@pytest.mark.parametrize(("samples", "rate_hz"), [(LONG_44100, 44_100), (LONG_48000, 48_000)])
def test_every_chunk_reaches_back_to_the_end_of_the_one_before_it_in_every_rendition(
    samples: int, rate_hz: int
) -> None:
    columns = zip(*(packaged(name, samples, rate_hz)[1].chunks for name in VORBIS), strict=True)
    cuts_differ = False
    for row in list(columns)[1:]:
        starts = [chunk.start_sample for chunk in row]
        cuts_differ = cuts_differ or len(set(starts)) > 1
        reached = [chunk.start_sample - chunk.preroll_samples for chunk in row]
        assert max(reached) <= min(starts)
    assert cuts_differ, "this music does not show what the test is for"


@pytest.mark.parametrize(("samples", "rate_hz"), [(LONG_44100, 44_100), (LONG_48000, 48_000)])
def test_a_player_that_changes_rendition_at_every_boundary_has_no_hole(
    samples: int, rate_hz: int
) -> None:
    decode, end = DECODERS["oggdec"], 0
    wholes = {name: decode(packaged(name, samples, rate_hz)[0]) for name in VORBIS}
    for number in range(len(packaged(VORBIS[0], samples, rate_hz)[1].chunks)):
        name = VORBIS[-1 - number % 3]
        body, index = packaged(name, samples, rate_hz)
        chunk, heard = index.chunks[number], decode(fetched(body, index, number))
        end = _played_on(heard, chunk.start_sample - chunk.preroll_samples, end, wholes[name])
    assert end == samples


def _played_on(heard: Decoded, first: int, end: int, whole: Decoded) -> int:
    """Drop what has been played; the rest must go on where that ended."""
    assert first <= end
    rest = heard[end - first :]
    np.testing.assert_array_equal(rest, whole[end : end + len(rest)], strict=True)
    return end + len(rest)


def test_the_wheels_encoder_is_cut_as_exactly_as_the_systems() -> None:
    body, index = packaged("vorbis-160", LINE_44100 + RUNT_44100, 44_100, WHEEL_FFMPEG)
    whole = DECODERS["oggdec"](body)
    for number, chunk in enumerate(index.chunks):
        first = chunk.start_sample - chunk.preroll_samples
        alone = DECODERS["oggdec"](fetched(body, index, number))
        np.testing.assert_array_equal(alone, whole[first : chunk.start_sample + chunk.samples])
