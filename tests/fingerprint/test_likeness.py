"""One performance in two masters agrees, two performances do not, and silence says nothing."""

import subprocess
from itertools import combinations
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from legato.ingest import chromaprint
from legato.ingest.chromaprint import Words, as_stored, read_words, words_from
from legato.ingest.likeness import ALIKE, LEAST_WORDS, MOST_TERMS, kept_terms, likeness, terms
from legato.transcode.ffmpeg_binary import FfmpegBinary
from tests.fingerprint.masters import LOSSY, MASTERINGS, remaster

SILENCE = 627_964_279
# python -m bench.fingerprints tries all of them, on more music.
HARDEST = (
    "0.71 s trimmed", "equalised the other way", "compressed 6:1", "equalised, limited, trimmed",
    "as MP3, 128 kbit/s",
)  # fmt: skip


@pytest.fixture(scope="module")
def words(ffmpeg: FfmpegBinary, album: list[Path]) -> dict[Path, Words]:
    found = {path: read_words(ffmpeg.path, path) for path in album}
    return {path: one for path, one in found.items() if one is not None}


def shared(one: Words, other: Words) -> int:
    return len(set(kept_terms(one)) & set(terms(other)))


@pytest.mark.parametrize("mastering", HARDEST)
def test_another_master_of_a_performance_is_found_and_agrees(
    mastering: str, ffmpeg: FfmpegBinary, words: dict[Path, Words], tmp_path: Path
) -> None:
    master, first = next(iter(words.items()))
    options = {**MASTERINGS, **LOSSY}[mastering]

    other = read_words(ffmpeg.path, remaster(master, tmp_path / "x", options, length_s=45))

    assert other is not None
    agreeing = likeness(first, other)
    assert agreeing is not None
    assert agreeing > ALIKE + 0.05
    assert shared(first, other) >= 2
    assert shared(other, first) >= 2


def test_different_pieces_of_one_ensemble_do_not_agree(words: dict[Path, Words]) -> None:
    agreeing = [likeness(one, other) or 0 for one, other in combinations(words.values(), 2)]

    assert len(agreeing) == 15
    assert max(agreeing) < ALIKE - 0.05


def test_the_same_words_agree_entirely(words: dict[Path, Words]) -> None:
    for one in words.values():
        assert likeness(one, one) == 1
        assert likeness(one, words_from(as_stored(one))) == 1


def test_agreement_is_the_same_whichever_way_round(words: dict[Path, Words]) -> None:
    one, other, *_ = words.values()

    assert likeness(one, other) == likeness(other, one)


def test_agreement_is_what_counting_every_alignment_finds(words: dict[Path, Words]) -> None:
    one, other, *_ = words.values()
    least = max(LEAST_WORDS, min(len(one), len(other)) // 2)
    shares = []
    for shift in range(least - len(other), len(one) - least + 1):
        start, end = max(shift, 0), min(shift + len(other), len(one))
        differing = one[start:end] ^ other[start - shift : end - shift]
        shares.append(1 - np.bitwise_count(differing).sum() / (32 * (end - start)))

    assert likeness(one, other) == pytest.approx(max(shares))


def test_silence_and_drones_agree_with_nothing(words: dict[Path, Words]) -> None:
    music = next(iter(words.values()))
    silence = np.full(400, SILENCE, dtype=np.uint32)
    drone = np.full(400, 558_758_263, dtype=np.uint32)
    quiet_at_first = np.concatenate([silence, music[:100]])
    other_quiet = np.concatenate([silence, music[-100:]])

    assert likeness(silence, silence) is None
    assert likeness(drone, drone) is None
    assert (likeness(quiet_at_first, other_quiet) or 0) < ALIKE
    assert terms(silence) == terms(drone) == kept_terms(silence) == []
    assert SILENCE >> 10 not in terms(quiet_at_first)


def test_a_recording_of_a_few_seconds_says_too_little(words: dict[Path, Words]) -> None:
    beginning = next(iter(words.values()))[: LEAST_WORDS - 1]

    assert terms(beginning) == kept_terms(beginning) == []
    assert terms(np.array([], dtype=np.uint32)) == []


def test_a_recording_is_found_by_no_more_than_so_many_terms(words: dict[Path, Words]) -> None:
    for one in words.values():
        assert len(kept_terms(one)) == MOST_TERMS
        assert set(kept_terms(one)) <= set(terms(one))


def test_every_ffmpeg_and_fpcalc_make_the_same_words(
    album: list[Path], ffmpeg: FfmpegBinary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fpcalc is given what ffmpeg has resampled, so a few bits in a thousand may differ."""
    system = read_words(ffmpeg.path, album[0])
    wheel = read_words(str(imageio_ffmpeg.get_ffmpeg_exe()), album[0])
    monkeypatch.setattr(chromaprint, "_has_muxer", lambda _ffmpeg: False)
    fpcalc = read_words(ffmpeg.path, album[0])

    assert system is not None
    assert wheel is not None
    assert fpcalc is not None, "missing: fpcalc; apt-get install libchromaprint-tools"
    assert system.tolist() == wheel.tolist()
    assert (likeness(system, fpcalc) or 0) > 0.99


def test_a_fingerprint_is_of_the_first_two_minutes(tmp_path: Path, ffmpeg: FfmpegBinary) -> None:
    path = tmp_path / "noise.wav"
    noise = ["-f", "lavfi", "-i", "anoisesrc=c=pink:r=11025:seed=1", "-t", "150", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", *noise], check=True)

    found = read_words(ffmpeg.path, path)

    assert found is not None
    assert len(found) == 948


def test_without_muxer_and_fpcalc_there_are_no_fingerprints(
    album: list[Path], ffmpeg: FfmpegBinary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chromaprint, "_has_muxer", lambda _ffmpeg: False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert chromaprint.fingerprinter(ffmpeg.path) is None
    assert read_words(ffmpeg.path, album[0]) is None
