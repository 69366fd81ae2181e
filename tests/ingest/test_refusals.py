"""What is not accepted as a master, and with which words."""

import os
import signal
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fixtures.recording import quantised
from fixtures.wav import write_float, write_pcm
from legato.errors import BadInput, Corrupt, LegatoError, Unavailable
from legato.ingest.identity import Listening, identify
from legato.transcode.ffmpeg_binary import FfmpegBinary
from tests.running import descendants

EdgeCase = Callable[[str], Path]
EXPECTED = {
    "empty.wav": "empty",
    "not-audio.flac": "not_audio",
    "picture-as-audio.mp3": "not_audio",
    "playlist-as-audio.mp3": "not_audio",
    "header-only.wav": "no_audio",
    "truncated.wav": "truncated",
    "truncated.flac": "truncated",
    "truncated.mp3": "truncated",
    "truncated.m4a": "truncated",
    "truncated-faststart.m4a": "truncated",
    "truncated.ogg": "truncated",
    "damaged-middle.flac": "damaged",
    "silence.flac": "silent",
}
NOISY = {
    "same-recording.flac": "truncated",  # not one frame is left: no telling noise from nothing
    "same-recording.m4a": "damaged",
    "same-lossy-1.m4a": "damaged",
    "same-lossy-1.mp3": "truncated",
}


@pytest.fixture
def listening(ffmpeg: FfmpegBinary) -> Listening:
    return Listening(binary=ffmpeg.path, stall_s=60, shortest_s=0, longest_s=3600)


def refusal(master: Path, listening: Listening) -> BadInput:
    with pytest.raises(BadInput) as caught:
        identify(master, listening)
    return caught.value


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("named", [True, False], ids=["by its name", "as it is spooled"])
def test_every_broken_master_is_refused_for_what_is_wrong_with_it(
    name: str, named: bool, edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    master = tmp_path / (name if named else "upload-0123456789abcdef")
    master.write_bytes(edge_case(name).read_bytes())
    refused = refusal(master, listening)
    assert refused.code == EXPECTED[name]
    assert refused.message.startswith("found ")
    assert ", expected " in refused.message
    assert str(tmp_path) not in refused.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("truncated.wav", "found 1.200 s of audio, expected the 2.000 s that its header declares"),
        ("truncated-faststart.m4a", "s of audio, expected the 4.0"),
        ("truncated.ogg", "an Ogg file that ends within a page after 2."),
        ("damaged-middle.flac", "found damage after 0."),
        ("silence.flac", "found 176400 samples of digital silence"),
        ("picture-as-audio.mp3", r"starts with b'\x89PNG"),
        ("not-audio.flac", "b'This is not "),
    ],
)
def test_a_refusal_says_what_was_found_and_what_was_expected(
    name: str, words: str, edge_case: EdgeCase, listening: Listening
) -> None:
    assert words in refusal(edge_case(name), listening).message


@pytest.mark.parametrize("name", NOISY)
def test_a_header_with_noise_behind_it_is_refused_and_not_an_error_of_ours(
    name: str, edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    whole = edge_case(name).read_bytes()
    start, end = 20_000, len(whole)
    if name.endswith(".m4a"):
        mdat = whole.index(b"mdat")
        start, end = mdat + 4, mdat - 4 + struct.unpack(">I", whole[mdat - 4 : mdat])[0]
    noise = np.random.default_rng(0).bytes(end - start)
    master = tmp_path / "noise"
    master.write_bytes(whole[:start] + noise + whole[end:])
    assert refusal(master, listening).code in {NOISY[name], "damaged"}


@pytest.mark.parametrize(
    ("form", "codec"), [("caf", "pcm_s16be"), ("w64", "pcm_s16le"), ("wav", "pcm_s16le")]
)
def test_pcm_that_is_cut_at_a_block_of_its_reader_is_truncated(
    form: str, codec: str, edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    """ffmpeg sees nothing wrong with it: what it has read is whole."""
    path = tmp_path / f"cut.{form}"
    command = [listening.binary, "-v", "error", "-i", str(edge_case("same-recording.flac"))]
    subprocess.run([*command, "-map", "0:a", "-c:a", codec, str(path)], check=True)
    whole = path.read_bytes()
    start = len(whole) - 8 * 44_100 * 4
    path.write_bytes(whole[: start + 200 * 4096])
    assert refusal(path, listening).code == "truncated"


@pytest.mark.parametrize(("form", "codec"), [("aiff", "pcm_s16be"), ("w64", "pcm_s16le")])
def test_a_container_that_nobody_can_read_without_its_size_is_refused_in_words(
    form: str, codec: str, edge_case: EdgeCase, tmp_path: Path, listening: Listening
) -> None:
    path = tmp_path / "piped"
    command = [listening.binary, "-v", "error", "-i", str(edge_case("same-recording.flac"))]
    piped = [*command, "-map", "0:a", "-c:a", codec, "-f", form, "pipe:1"]
    path.write_bytes(subprocess.run(piped, stdout=subprocess.PIPE, check=True).stdout)
    assert "without its length" in refusal(path, listening).message


def written(path: Path, samples: int) -> Path:
    t = np.arange(samples)[:, np.newaxis] / 44_100
    write_pcm(quantised(0.5 * np.sin(2 * np.pi * 440 * t), 44_100, 16), path)
    return path


def test_the_shortest_and_the_longest_length_are_accepted_and_a_sample_more_or_less_is_not(
    tmp_path: Path, listening: Listening
) -> None:
    bounded = replace(listening, shortest_s=1, longest_s=2)
    for samples in (44_100, 88_200):
        assert identify(written(tmp_path / "good.wav", samples), bounded).samples == samples
    short = refusal(written(tmp_path / "short.wav", 44_099), bounded)
    assert (short.code, "expected at least 1 s (LEGATO_MIN_DURATION_S)" in short.message) == (
        "too_short", True
    )  # fmt: skip
    long = refusal(written(tmp_path / "long.wav", 88_201), bounded)
    assert long.code == "too_long"
    assert "more than 2 s of audio, expected at most as much (LEGATO_MAX_DURATION_S)" in (
        long.message
    )


def test_a_master_that_hides_its_length_is_decoded_no_further_than_the_longest(
    tmp_path: Path, listening: Listening
) -> None:
    master = written(tmp_path / "liar.wav", 60 * 44_100)
    body = bytearray(master.read_bytes())
    body[4:8] = body[40:44] = b"\xff" * 4
    master.write_bytes(body)
    heard: list[float] = []
    with pytest.raises(BadInput) as caught:
        identify(master, replace(listening, longest_s=5), lambda done_s, _: heard.append(done_s))
    assert caught.value.code == "too_long"
    assert max(heard, default=0) < 10


def test_a_float_master_of_zeros_of_either_sign_is_silent(
    tmp_path: Path, listening: Listening
) -> None:
    samples = np.zeros((1000, 2), dtype=np.float32)
    samples[::2] = -0.0
    write_float(samples, 44_100, tmp_path / "zero.wav")
    assert refusal(tmp_path / "zero.wav", listening).code == "silent"


@pytest.mark.parametrize(
    ("deed", "error", "code"),
    [
        (signal.SIGSTOP, Unavailable, "ffmpeg_killed"),
        (signal.SIGKILL, Unavailable, "ffmpeg_killed"),
        (signal.SIGSEGV, Corrupt, "decode_failed"),
    ],
    ids=["stalls", "is killed", "crashes"],
)
def test_a_decoder_that_does_not_end_by_itself_is_no_fault_of_the_master(
    deed: signal.Signals,
    error: type[LegatoError],
    code: str,
    tmp_path: Path,
    listening: Listening,
) -> None:
    """A minute is more than the pipe holds, so it still decodes when its first seconds arrive."""

    def do(_done_s: float, _all_s: float) -> None:
        for child in descendants(os.getpid()):
            if child.name == "ffmpeg":
                os.kill(child.pid, deed)

    with pytest.raises(error) as caught:
        identify(written(tmp_path / "m.wav", 60 * 44_100), replace(listening, stall_s=0.5), do)
    assert caught.value.code == code
