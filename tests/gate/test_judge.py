"""Judging is a pure function of facts, a profile and a name."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.ingest.gate.facts import (
    FileFacts,
    SoundFacts,
    read_file_facts,
    read_sound_facts,
)
from legato.ingest.gate.finding import Severity, refusal
from legato.ingest.gate.judge import judge
from legato.ingest.gate.profiles import ARTIST, LABEL, profile_of
from legato.ingest.gate.runs import Places
from legato.ingest.gate.spectrum import Wall
from tests.gate.examinations import GOOD, but

LEVELS = st.none() | st.floats(-120, 6)
PLACES = st.builds(
    Places,
    count=st.integers(0, 1000),
    total_s=st.floats(0, 100),
    spans=st.lists(st.tuples(st.floats(0, 9), st.floats(9, 99)), max_size=20).map(tuple),
)
FILES = st.builds(
    FileFacts,
    container=st.sampled_from(["wav", "flac", "mov"]),
    codec=st.sampled_from(["pcm_s24le", "flac", "mp3"]),
    lossless=st.booleans(),
    bits=st.none() | st.integers(1, 64),
    extensible=st.booleans(),
    flac_md5=st.sampled_from([None, "matches", "differs", "absent"]),
)
SOUNDS = st.builds(
    SoundFacts,
    sample_rate_hz=st.integers(1, 384_000),
    channels=st.just(2),
    samples=st.integers(1, 10**10),
    true_peak_dbtp=LEVELS,
    true_peak_at_s=st.floats(0, 1000),
    levels_dbfs=st.tuples(LEVELS, LEVELS),
    offsets=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    correlation=st.none() | st.floats(-1, 1),
    alike=st.booleans(),
    leading_silence_s=st.floats(0, 1000),
    trailing_silence_s=st.floats(0, 1000),
    silences=PLACES,
    dropouts=PLACES,
    clipping=PLACES,
    impossible=PLACES,
    effective_bits=st.none() | st.integers(0, 32),
    wall=st.none()
    | st.builds(
        Wall,
        frequency_hz=st.integers(12_000, 96_000),
        drop_db=st.floats(-10, 150),
        floor_db=st.floats(-200, 0),
    ),
)


@given(FILES, SOUNDS, st.sampled_from([ARTIST, LABEL]), st.text(max_size=20))
def test_the_same_facts_are_judged_alike_fresh_and_stored(
    file: FileFacts, sound: SoundFacts, profile: Any, name: str
) -> None:
    stored_file, stored_sound = (json.loads(json.dumps(one.to_json())) for one in (file, sound))
    read = (read_file_facts(stored_file), read_sound_facts(stored_sound))
    assert read == (file, sound)
    findings = judge(file, sound, profile, file_name=name)
    assert judge(file, sound, profile, file_name=name) == findings
    gravity = [list(Severity).index(one.severity) for one in findings]
    assert gravity == sorted(gravity)
    json.dumps([one.to_json() for one in findings], allow_nan=False)


def codes(**changes: Any) -> dict[str, Severity]:
    heard = but(**changes)
    return {one.code: one.severity for one in judge(heard.file, heard.sound, LABEL)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lossless": False, "codec": "mp3"}, "lossy"),
        ({"sample_rate_hz": 44_099}, "sample_rate"),
        ({"bits": 8}, "bit_depth"),
    ],
)
def test_a_label_is_refused_what_an_artist_is_warned_of(changes: dict[str, Any], code: str) -> None:
    heard = but(**changes)
    of_artist, of_label = (judge(heard.file, heard.sound, one) for one in (ARTIST, LABEL))
    assert [(one.code, one.severity) for one in of_artist] == [(code, Severity.WARN)]
    assert refusal(of_artist) is None
    refused = refusal(of_label)
    assert refused is not None
    assert (refused.code, refused.message) == (code, of_label[0].message)


def test_nothing_is_said_of_good_facts() -> None:
    assert judge(GOOD.file, GOOD.sound, LABEL) == ()


def test_a_profile_may_have_limits_of_its_own() -> None:
    strict = replace(ARTIST, limits={"trailing_silence": 0.5})
    assert [one.code for one in judge(GOOD.file, GOOD.sound, strict)] == ["trailing_silence"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"true_peak_dbtp": 0.1}, {"true_peak_over"}),
        ({"true_peak_dbtp": 0.0}, {"true_peak_high"}),
        ({"true_peak_dbtp": -0.8}, set()),
        ({"leading_silence_s": 2.0, "trailing_silence_s": 2.0}, {"inaudible"}),
        ({"levels_dbfs": (None, -14.0), "correlation": None}, {"channel_missing"}),
        ({"bits": 24, "effective_bits": 20}, set()),
        ({"bits": 24, "effective_bits": 16}, {"padded_bits"}),
        ({"bits": 24, "effective_bits": 0}, set()),
    ],
)
def test_one_fault_is_said_once(changes: dict[str, Any], expected: set[str]) -> None:
    assert set(codes(**changes)) == expected


@pytest.mark.parametrize(
    ("rate_hz", "wall", "expected"),
    [
        (96_000, Wall(frequency_hz=22_000, drop_db=30.0, floor_db=-90), {"upsampled"}),
        (96_000, Wall(frequency_hz=22_000, drop_db=29.9, floor_db=-90), set()),
        (96_000, Wall(frequency_hz=22_000, drop_db=50.0, floor_db=-79), set()),
        (96_000, Wall(frequency_hz=40_000, drop_db=50.0, floor_db=-90), set()),
        (44_100, Wall(frequency_hz=16_000, drop_db=50.0, floor_db=-90), {"lossy_origin"}),
        (44_100, Wall(frequency_hz=20_000, drop_db=50.0, floor_db=-90), set()),
        (44_100, Wall(frequency_hz=13_000, drop_db=50.0, floor_db=-90), set()),
    ],
)
def test_a_wall_says_something_where_resamplers_and_encoders_put_one(
    rate_hz: int, wall: Wall, expected: set[str]
) -> None:
    assert set(codes(sample_rate_hz=rate_hz, wall=wall)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("song.flac", False), ("song.FLAC", False), ("song.wav", True), ("song.mp3", True),
        ("song", False), ("", False), ("song.bin", False), ("song.mp3.flac", False),
        ("../../etc/x.wav", True), (".wav", False), ("a\0b.wav", True),
    ],
)  # fmt: skip
def test_a_name_is_wrong_where_it_says_another_container(name: str, expected: bool) -> None:
    said = [one.code for one in judge(GOOD.file, GOOD.sound, LABEL, file_name=name)]
    assert said == (["misnamed"] if expected else [])


def test_facts_of_another_version_or_form_are_measured_again() -> None:
    stored = GOOD.sound.to_json()
    assert read_sound_facts(stored) == GOOD.sound
    assert read_sound_facts(None) is None
    assert read_sound_facts(stored | {"version": 0}) is None
    assert read_sound_facts({"version": 1}) is None
    assert read_file_facts(stored) is None


def test_whoever_is_no_label_is_judged_as_an_artist() -> None:
    assert profile_of("label") is LABEL
    assert profile_of("artist") is profile_of("operator") is ARTIST
