"""`audio_id`: one recording is one whatever it is wrapped in, and two are two."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import mutagen
import numpy as np
import pytest

from fixtures.wav import write_float
from legato.ingest.gate.facts import SoundFacts
from legato.ingest.gate.sound_examiner import SoundExaminer
from legato.ingest.identity import Identity, Listening, identify
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.probe import Probe

EdgeCase = Callable[[str], Path]
SAME_RECORDING = (
    "same-recording.flac", "same-recording-24-padded.flac", "same-recording.wav",
    "same-recording-extensible.wav", "same-recording.aiff", "same-recording.m4a",
    "same-recording-retagged.flac", "float-exact.wav",
)  # fmt: skip
LOSSY_SUFFIXES = (".mp3", ".ogg", ".m4a")
WHEEL = str(imageio_ffmpeg.get_ffmpeg_exe())


@pytest.fixture
def listening(ffmpeg: FfmpegBinary) -> Listening:
    return Listening(binary=ffmpeg.path, stall_s=60, shortest_s=0, longest_s=3600)


def test_every_wrapper_of_a_recording_is_one_recording(
    edge_case: EdgeCase, listening: Listening
) -> None:
    found = {name: identify(edge_case(name), listening) for name in SAME_RECORDING}
    assert len({one.audio_id for one in found.values()}) == 1
    assert {one.samples for one in found.values()} == {8 * 44_100}
    assert len({edge_case(name).read_bytes() for name in SAME_RECORDING}) == len(SAME_RECORDING)


@pytest.mark.parametrize("suffix", LOSSY_SUFFIXES)
def test_lossy_files_with_the_same_frames_are_one_recording(
    suffix: str, edge_case: EdgeCase, listening: Listening
) -> None:
    first, second = (edge_case(f"same-lossy-{number}{suffix}") for number in (1, 2))
    assert first.read_bytes() != second.read_bytes()
    assert identify(first, listening).audio_id == identify(second, listening).audio_id


def test_files_that_sound_different_are_different_recordings(
    edge_case: EdgeCase, listening: Listening
) -> None:
    names = (
        "same-recording.flac", "float-32.wav", "0.4-seconds.flac", "one-sample.wav",
        "mono-8000.wav", "stereo-88200.flac", "same-lossy-1.mp3", "same-lossy-1.ogg",
        "same-lossy-1.m4a",
    )  # fmt: skip
    found = {identify(edge_case(name), listening).audio_id for name in names}
    assert len(found) == len(names)


def test_surround_is_one_recording_as_flac_and_as_wav(
    edge_case: EdgeCase, listening: Listening
) -> None:
    names = ("surround-51-48000.wav", "surround-51-48000.flac")
    found = [identify(edge_case(name), listening) for name in names]
    assert found[0].audio_id == found[1].audio_id
    assert found[0].probe.channels == 6


@pytest.mark.parametrize(
    "name", ["same-recording.m4a", "same-lossy-1.mp3", "same-lossy-1.ogg", "float-32.wav"]
)
def test_another_release_of_ffmpeg_finds_the_same_identity(
    name: str, edge_case: EdgeCase, listening: Listening
) -> None:
    wheel = Listening(binary=WHEEL, stall_s=60, shortest_s=0, longest_s=3600)
    ours, theirs = (identify(edge_case(name), one) for one in (listening, wheel))
    assert ours.audio_id == theirs.audio_id
    assert ours.samples == theirs.samples


def floats(path: Path, change: Callable[[np.ndarray], object]) -> Path:
    samples = np.linspace(-1, 0.9, 2000, dtype="<f4").reshape(-1, 2)
    samples = (np.rint(samples * 2**15) / 2**15).astype("<f4")
    change(samples)
    write_float(samples, 44_100, path)
    return path


def test_a_float_master_is_another_recording_as_soon_as_one_sample_fits_no_integer(
    tmp_path: Path, listening: Listening
) -> None:
    changes: dict[str, Callable[[np.ndarray], object]] = {
        "as it is": lambda _: None,
        "beyond": lambda s: s.__setitem__((5, 0), 1.0),
        "between": lambda s: s.__setitem__((5, 0), 2.0**-40),
        "another": lambda s: s.__setitem__((5, 0), 0.5),
        "not a number": lambda s: s.__setitem__((5, 0), np.nan),
    }
    found = {
        identify(floats(tmp_path / name, change), listening).audio_id
        for name, change in changes.items()
    }
    assert len(found) == len(changes)


def test_one_changed_sample_is_another_recording(
    edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    changed = bytearray(edge_case("same-recording.wav").read_bytes())
    changed[-1] ^= 1
    path = tmp_path / "changed.wav"
    path.write_bytes(changed)
    original = identify(edge_case("same-recording.wav"), listening)
    assert identify(path, listening).audio_id != original.audio_id


def remuxed(source: Path, target: Path, *options: str) -> Path:
    command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(source), "-c", "copy", *options]
    subprocess.run([*command, str(target)], check=True)
    return target


def test_new_tags_on_a_lossy_master_change_its_file_and_not_its_recording(
    edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    for suffix in LOSSY_SUFFIXES:
        original = edge_case(f"same-lossy-1{suffix}")
        copy = Path(shutil.copyfile(original, tmp_path / f"copy{suffix}"))
        tags = mutagen.File(copy, easy=True)
        tags["title"] = "Another title " * 500
        tags.save()
        assert copy.read_bytes() != original.read_bytes()
        assert identify(copy, listening).audio_id == identify(original, listening).audio_id


def test_the_codebooks_are_part_of_a_vorbis_recording_and_the_comments_are_not(
    edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    original = edge_case("same-lossy-1.ogg")
    retitled = remuxed(original, tmp_path / "r.ogg", "-metadata", "title=x", "-map", "0:a")
    assert identify(retitled, listening).audio_id == identify(original, listening).audio_id


def test_the_times_that_a_remux_shifts_are_no_part_of_a_lossy_recording(
    edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    original = edge_case("same-lossy-1.ogg")
    later = remuxed(original, tmp_path / "later.ogg", "-map", "0:a", "-output_ts_offset", "10")
    assert identify(later, listening).audio_id == identify(original, listening).audio_id


def test_a_listener_is_told_how_much_has_been_heard_and_may_end_it(
    edge_case: EdgeCase, listening: Listening
) -> None:
    heard: list[tuple[float, float]] = []
    master = edge_case("same-recording.flac")
    identify(master, listening, lambda done_s, all_s: heard.append((done_s, all_s)))
    assert heard == sorted(heard)
    assert heard[-1] == (8.0, 8.0)

    def stop(_done_s: float, _all_s: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        identify(master, listening, stop)


def test_an_identity_says_what_the_master_is(edge_case: EdgeCase, listening: Listening) -> None:
    found: Identity = identify(edge_case("mono-8000.wav"), listening)
    assert (found.probe.sample_rate_hz, found.probe.channels, found.samples) == (8000, 1, 24_000)
    assert found.probe.lossless
    assert len(found.audio_id) == 64


@pytest.mark.parametrize("system", [True, False], ids=["system", "wheel"])
@pytest.mark.parametrize("written", ["wav pcm_s16le", "wav pcm_s24le", "caf pcm_s16be"])
def test_what_was_written_to_a_pipe_is_the_same_recording(
    system: bool, written: str, edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    """Its length is told nowhere; ffmpeg reads PCM in blocks, and the last is no whole one."""
    source, path = edge_case("same-recording.flac"), tmp_path / "piped"
    form, codec = written.split()
    command = [listening.binary, "-v", "error", "-i", str(source), "-map", "0:a"]
    piped = [*command, "-c:a", codec, "-f", form, "pipe:1"]
    path.write_bytes(subprocess.run(piped, stdout=subprocess.PIPE, check=True).stdout)
    hearing = listening if system else replace(listening, binary=WHEEL)
    assert identify(path, hearing).audio_id == identify(source, listening).audio_id


class Remembered:
    """Recordings that were measured before, by their `audio_id`."""

    def __init__(self, *heard: Identity) -> None:
        self._sounds = {one.audio_id: one.examination.sound for one in heard}
        self._lengths = {one.samples for one in heard}
        self.asked: list[str] = []

    def any_as_long(self, _probed: Probe, samples: int) -> bool:
        return samples in self._lengths

    def sound_of(self, audio_id: str) -> SoundFacts | None:
        self.asked.append(audio_id)
        return self._sounds.get(audio_id)


def test_what_is_known_is_measured_no_more_and_is_examined_as_before(
    edge_case: EdgeCase, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = edge_case("same-recording-24-padded.flac")
    alone = identify(wrapped, listening)
    known = Remembered(identify(edge_case("same-recording.wav"), listening))
    monkeypatch.setattr(SoundExaminer, "update", None)

    found = identify(wrapped, listening, known=known)

    assert known.asked == [alone.audio_id]
    assert found == alone
    assert found.examination.file.flac_md5 == "matches"


def test_another_recording_that_is_as_long_is_measured_all_the_same(
    edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    first = edge_case("same-recording.wav")
    turned = tmp_path / "turned.wav"
    flip = [listening.binary, "-v", "error", "-i", str(first), "-af", "aeval=-val(0)|-val(1)"]
    subprocess.run([*flip, "-c:a", "pcm_s16le", str(turned)], check=True)
    known = Remembered(identify(first, listening))

    found = identify(turned, listening, known=known)

    assert known.asked == [found.audio_id]
    assert found == identify(turned, listening)
