"""Track loudness as players find it: ReplayGain 2.0 in Ogg, a `ludt` box in MP4."""

import struct
from io import BytesIO
from typing import Any

import pytest
from mutagen.oggvorbis import OggVorbis

from legato.packaging.aac_fragments import package_aac
from legato.packaging.fragment_reader import read_init_segment
from legato.packaging.loudness import UNDEFINED, Loudness
from legato.packaging.loudness_box import loudness_box
from legato.packaging.ogg_vorbis import package_vorbis
from tests.packaging.encoded_music import encoded

SAMPLES, RATE_HZ = 17_640, 44_100
LOUDNESS = Loudness(integrated_lufs=-11.25, range_lu=6.1, true_peak_dbtp=-0.5)


def ogg_tags(loudness: Loudness) -> dict[str, list[str]]:
    sink = BytesIO()
    source = BytesIO(encoded("vorbis-96", SAMPLES, RATE_HZ))
    package_vorbis(source, sink, samples=SAMPLES, loudness=loudness)
    sink.seek(0)
    file: Any = OggVorbis(sink)  # type: ignore[no-untyped-call]  # mutagen has no types
    return dict(file.tags or {})


def test_an_ogg_file_says_its_replaygain_and_nothing_else() -> None:
    assert ogg_tags(LOUDNESS) == {
        "replaygain_track_gain": ["-6.75 dB"],
        "replaygain_track_peak": ["0.944061"],
    }


def test_undefined_loudness_is_not_in_the_tags() -> None:
    assert ogg_tags(UNDEFINED) == {}


def test_an_mp4_file_declares_loudness_in_its_track() -> None:
    sink = BytesIO()
    source = BytesIO(encoded("aac-96", SAMPLES, RATE_HZ))
    index = package_aac(source, sink, samples=SAMPLES, loudness=LOUDNESS)
    init = sink.getvalue()[: index.init_size]
    assert read_init_segment(init).declares_loudness
    assert loudness_box(LOUDNESS) in init


def fields(loudness: Loudness) -> tuple[int, int, int, list[tuple[int, int, int]]]:
    """True peak code, its source, how many measurements, and those (ISO/IEC 14496-12 §12.2.7)."""
    body = loudness_box(loudness)
    assert body[4:8] == b"ludt"
    assert body[12:16] == b"tlou"
    assert struct.unpack(">I", body[8:12])[0] == len(body) - 8
    peak_and_source, count = struct.unpack(">IB", body[22:27])
    rows = [struct.unpack("BBB", body[27 + 3 * i : 30 + 3 * i]) for i in range(count)]
    return peak_and_source >> 8, peak_and_source & 0xFF, count, [(a, b, c) for a, b, c in rows]


def test_the_box_holds_both_in_their_steps() -> None:
    """20 dB - peak in 32nds of a dB; loudness + 57.75 LUFS in quarters (ISO/IEC 23003-4)."""
    assert fields(LOUDNESS) == (656, 0x23, 1, [(1, 186, 0x23)])


def test_what_is_undefined_has_no_measurement() -> None:
    assert fields(UNDEFINED) == (0, 0, 0, [])


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"), [(-70.0, -43.9, (2045, 0)), (6.0, 25.0, (1, 255))]
)
def test_values_beyond_the_scale_stay_on_it(
    lufs: float, peak: float, expected: tuple[int, int]
) -> None:
    code, _, _, [(_, value, _)] = fields(
        Loudness(integrated_lufs=lufs, range_lu=0, true_peak_dbtp=peak)
    )
    assert (code, value) == expected


def test_a_peak_too_low_for_its_field_is_not_declared() -> None:
    found = fields(Loudness(integrated_lufs=-60.0, range_lu=0, true_peak_dbtp=-44.0))
    assert found[:2] == (0, 0)
