"""Every ffmpeg command line, word for word, and what odd names do to them."""

import subprocess
from pathlib import Path

import pytest

from legato.transcode import commands
from legato.transcode.commands import PcmFormat
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.ladder import LADDER, Codec
from tests.transcode.signals import write_master

GOLDEN = Path(__file__).parent / "golden"
MASTER = Path("/data/masters/ab/abcd")
ODD_NAMES = [
    "two words.wav", "a:b.wav", "-i.wav", "http:x.wav", "per%cent%03d.wav", "q'uo\"te.wav",
    "[0:a].wav", "Étude.wav", "*.wav", "concat:a|b.wav",
]  # fmt: skip


def golden(name: str) -> list[str]:
    """A command line, a word a line."""
    return (GOLDEN / f"command-{name}.txt").read_text().splitlines()


def test_probing() -> None:
    assert commands.probe("ffmpeg", MASTER) == golden("probe")


@pytest.mark.parametrize(
    ("pcm", "strict", "name"),
    [("s32le", True, "decode-strict"), ("f32le", False, "decode-lenient")],
)
def test_decoding(pcm: PcmFormat, strict: bool, name: str) -> None:
    assert commands.decode_pcm("ffmpeg", MASTER, pcm, strict=strict) == golden(name)


def test_hashing_packets() -> None:
    assert commands.hash_packets("ffmpeg", MASTER) == golden("hash-packets")


@pytest.mark.parametrize(
    ("channels", "rate_hz", "delivered_rate_hz", "name"),
    [
        (2, 44_100, 44_100, "decode-stereo"),
        (1, 44_100, 44_100, "decode-mono"),
        (1, 8_000, 48_000, "decode-mono-resampled"),
        (2, 96_000, 48_000, "decode-resampled"),
        (6, 48_000, 48_000, "decode-surround"),
    ],
)
def test_decoding_for_encoders(
    channels: int, rate_hz: int, delivered_rate_hz: int, name: str
) -> None:
    found = commands.decode_for_encoders(
        "ffmpeg", MASTER, channels=channels, rate_hz=rate_hz, delivered_rate_hz=delivered_rate_hz
    )
    assert found == golden(name)


def test_encoding() -> None:
    found = commands.encode("ffmpeg", LADDER.renditions, rate_hz=44_100, folder=Path("/data/job"))
    assert found == golden("encode")


@pytest.mark.parametrize("codec", ["vorbis", "aac"])
def test_hearing_a_rendition_again(codec: Codec) -> None:
    file = Path("/data/job/x")
    decoding = commands.decode_rendition("ffmpeg", file, codec)
    assert decoding == golden(f"decode-rendition-{codec}")
    measuring = commands.measure_rendition(
        "ffmpeg", file, codec, priming_samples=1024, samples=44_100
    )
    assert measuring == golden(f"measure-rendition-{codec}")


def test_an_encoders_file_is_named_for_its_rendition_and_its_container() -> None:
    names = [commands.encoded_file(Path("/d"), one).name for one in LADDER.renditions]
    assert names[0] == "vorbis-96.encoded.ogg"
    assert names[-1] == "aac-320.encoded.mp4"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_master_of_any_name_is_one_word_that_ffmpeg_reads(
    name: str, tmp_path: Path, ffmpeg: FfmpegBinary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    master = write_master(Path(name), 100, 44_100)
    command = commands.decode_pcm(ffmpeg.path, master, "s32le", strict=True)
    assert command.count(f"file:{name}") == 1
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.stderr, len(done.stdout)) == (b"", 100 * 2 * 4)


@pytest.mark.parametrize("name", ["two words", "a:b", "-y", "per%03d", "Étude"])
def test_a_folder_of_any_name_takes_the_encoders_files(
    name: str, tmp_path: Path, ffmpeg: FfmpegBinary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(name)
    folder.mkdir()
    renditions = (LADDER.renditions[0], LADDER.renditions[3])
    command = commands.encode(ffmpeg.path, renditions, rate_hz=44_100, folder=folder)
    subprocess.run(command, input=bytes(4096), check=True)
    found = sorted(path.name for path in folder.iterdir())
    assert found == ["aac-96.encoded.mp4", "vorbis-96.encoded.ogg"]
    assert list(tmp_path.iterdir()) == [tmp_path / name]


@pytest.mark.parametrize("body", ["playlist-as-audio.mp3", "concat"])
def test_no_file_makes_ffmpeg_open_another(body: str, tmp_path: Path, ffmpeg: FfmpegBinary) -> None:
    secret = write_master(tmp_path / "secret.wav", 1000, 44_100)
    bait = tmp_path / body
    if body == "concat":
        bait.write_text(f"ffconcat version 1.0\nfile {secret}\n")
    else:
        bait.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n{secret}\n#EXT-X-ENDLIST\n")
    command = commands.decode_pcm(ffmpeg.path, bait, "s32le", strict=False)
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b""
