"""Every container that is accepted passes the gate; so does all the music that we know."""

import struct
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.real_music import MUSIC
from fixtures.shapes import SHAPES
from fixtures.wrappers import WRAPPERS
from legato.errors import BadInput
from legato.ingest.gate.finding import Finding, refusal
from legato.ingest.gate.judge import judge
from legato.ingest.gate.profiles import ARTIST
from legato.ingest.identity import Listening, identify
from tests.gate.conftest import Examine, GateCase

Found = Callable[[Path], tuple[Finding, ...]]
EdgeCase = Callable[[str], Path]
LOSSLESS = {
    "flac": ["-f", "flac"],
    "flac in Ogg": ["-c:a", "flac", "-f", "ogg"],
    "wav": ["-f", "wav"],
    "rf64": ["-rf64", "always", "-f", "wav"],
    "aiff": ["-f", "aiff"],
    "aifc": ["-c:a", "pcm_s16le", "-f", "aiff"],
    "alac in mp4": ["-c:a", "alac", "-f", "ipod"],
    "alac in caf": ["-c:a", "alac", "-f", "caf"],
    "wavpack": ["-f", "wv"],
    "w64": ["-f", "w64"],
}
LOSSY = {
    "mp3": ["-f", "mp3"],
    "aac": ["-c:a", "aac", "-f", "adts"],
    "aac in mp4": ["-c:a", "aac", "-f", "ipod"],
    "ogg vorbis": ["-c:a", "libvorbis", "-f", "ogg"],
    "opus": ["-c:a", "libopus", "-f", "ogg"],
}
# What is refused of the edge cases that are whole, and what is too long for this.
NOT_TO_PASS = {"silence.flac", "twelve-minutes-96000-24.wav", "twelve-minutes.flac"}
A_FEW_SHORT = ("antarctic/voc-boss.ogg", "misc/leveldone.ogg", "misc/bonuscave.ogg")


def converted(source: Path, target: Path, options: list[str]) -> Path:
    command = ["/usr/bin/ffmpeg", "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True)
    return target


def refusal_of(master: Path, listening: Listening) -> BadInput:
    with pytest.raises(BadInput) as caught:
        identify(master, listening)
    return caught.value


def test_lossless_containers_are_taken_by_content_and_hold_the_same_sound(
    gate_case: GateCase, examine: Examine, tmp_path: Path
) -> None:
    music = gate_case("music.wav")
    paths = [
        converted(music, tmp_path / f"upload-{number}", options)
        for number, options in enumerate(LOSSLESS.values())
    ]
    sounds = [examine(path).sound for path in paths]
    assert sounds == [examine(music).sound] * len(LOSSLESS)
    assert all(examine(path).file.lossless for path in paths)


@pytest.mark.parametrize("form", LOSSY)
def test_lossy_containers_are_taken_by_content_with_a_warning(
    form: str, gate_case: GateCase, found: Found, tmp_path: Path
) -> None:
    path = converted(gate_case("music.wav"), tmp_path / "upload", LOSSY[form])
    assert "lossy" in {one.code for one in found(path)}
    assert refusal(found(path)) is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("adpcm.wav", ["-c:a", "adpcm_ms"]),
        ("speex.ogg", ["-c:a", "libspeex", "-ar", "16000"]),
        ("mp2.mp3", ["-c:a", "mp2", "-f", "mp2"]),
        ("ac3.m4a", ["-c:a", "ac3", "-f", "mp4"]),
    ],
)
def test_what_is_in_no_accepted_codec_is_refused(
    name: str, options: list[str], gate_case: GateCase, listening: Listening, tmp_path: Path
) -> None:
    master = converted(gate_case("music.wav"), tmp_path / name, options)
    refused = refusal_of(master, listening)
    assert refused.code == "codec"
    assert refused.message.startswith("found ")


def test_more_channels_than_any_layout_names_are_refused(
    listening: Listening, tmp_path: Path
) -> None:
    master = tmp_path / "nine-channels.wav"
    with wave.open(str(master), "wb") as file:
        file.setnchannels(9)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(range(180)) * 1000)
    assert refusal_of(master, listening).code == "channel_layout"


@pytest.mark.parametrize("rate_hz", [999, 768_001, 2_000_000_000])
def test_a_rate_that_nobody_records_at_is_refused(
    rate_hz: int, gate_case: GateCase, listening: Listening, tmp_path: Path
) -> None:
    body = bytearray(gate_case("music.wav").read_bytes())
    body[24:28] = struct.pack("<I", rate_hz)
    master = tmp_path / "two-gigahertz.wav"
    master.write_bytes(body)
    assert refusal_of(master, listening).code == "rate_out_of_range"


def test_an_rf64_that_is_cut_off_is_refused(
    gate_case: GateCase, listening: Listening, tmp_path: Path
) -> None:
    master = converted(gate_case("music.wav"), tmp_path / "x.wav", LOSSLESS["rf64"])
    master.write_bytes(master.read_bytes()[:-4000])
    assert master.read_bytes()[:4] == b"RF64"
    assert refusal_of(master, listening).code == "truncated"


def test_telephone_audio_is_no_lossless_master(
    gate_case: GateCase, examine: Examine, tmp_path: Path
) -> None:
    master = converted(gate_case("music.wav"), tmp_path / "x.wav", ["-c:a", "pcm_mulaw"])
    file = examine(master).file
    assert (file.lossless, file.bits) == (False, 8)


@pytest.mark.parametrize("resampler", ["swr", "soxr"])
@pytest.mark.parametrize("rate_hz", [88_200, 192_000])
def test_what_any_resampler_made_of_a_lower_rate_is_found(
    resampler: str, rate_hz: int, gate_case: GateCase, found: Found, tmp_path: Path
) -> None:
    options = ["-af", f"aresample={rate_hz}:resampler={resampler}", "-c:a", "flac", "-f", "flac"]
    path = converted(gate_case("true-24.flac"), tmp_path / "x", options)
    assert [one.code for one in found(path)] == ["upsampled"]


def test_the_album_passes(album: list[Path], found: Found) -> None:
    assert [path.name for path in album if refusal(found(path)) is not None] == []


@pytest.mark.soak
def test_every_whole_edge_case_passes(edge_case: EdgeCase, found: Found) -> None:
    """No false reject: every shape and every wrapper that is whole and sounds."""
    names = sorted({*SHAPES, *WRAPPERS} - NOT_TO_PASS)
    assert [name for name in names if refusal(found(edge_case(name))) is not None] == []


def test_a_few_pieces_of_real_music_pass(found: Found) -> None:
    for name in A_FEW_SHORT:
        findings = found(MUSIC / name)
        assert "lossy" in {one.code for one in findings}
        assert refusal(findings) is None


@pytest.mark.soak
def test_all_the_real_music_passes(listening: Listening) -> None:
    """No false reject: more than an hour of real music."""
    pieces = sorted(MUSIC.rglob("*.ogg"))
    assert len(pieces) > 40
    for piece in pieces:
        heard = identify(piece, listening).examination
        assert refusal(judge(heard.file, heard.sound, ARTIST)) is None, piece
