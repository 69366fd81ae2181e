"""The length that a container declares, and when it declares none."""

import resource
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from legato.ingest.headers.container import read_container_header
from legato.ingest.headers.parse import parse_container_header
from tests.ingest.bytes_changed import each_byte_changed

EdgeCase = Callable[[str], Path]


def declared_length_s(master: Path) -> float | None:
    return parse_container_header(master).length_s


def converted(source: Path, target: Path, *options: str) -> Path:
    command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(source), "-map", "0:a", *options]
    subprocess.run([*command, str(target)], check=True)
    return target


def piped(source: Path, target: Path, form: str) -> Path:
    """As a program writes that cannot go back and fill in the length."""
    command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(source), "-f", form, "pipe:1"]
    target.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return target


@pytest.mark.parametrize(
    ("name", "length_s"),
    [
        ("same-recording.flac", 8.0),
        ("same-recording.wav", 8.0),
        ("same-recording-extensible.wav", 8.0),
        ("float-exact.wav", 8.0),
        ("same-recording.aiff", 8.0),
        ("same-recording.m4a", 8.0),
        ("one-sample.wav", 1 / 44_100),
        ("truncated.wav", 2.0),
        ("truncated.flac", 2.0),
    ],
)
def test_a_lossless_container_declares_its_exact_length_even_where_it_is_cut(
    name: str, length_s: float, edge_case: EdgeCase
) -> None:
    assert declared_length_s(edge_case(name)) == pytest.approx(length_s, abs=1e-6)


@pytest.mark.parametrize("name", ["same-lossy-1.mp3", "same-lossy-1.m4a", "truncated.mp3"])
def test_a_lossy_container_declares_its_length_to_a_few_frames(
    name: str, edge_case: EdgeCase
) -> None:
    assert declared_length_s(edge_case(name)) == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp3", ["-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"]),
        (".aac", ["-c:a", "aac"]),
        (".ogg", ["-c:a", "libvorbis"]),
        (".caf", ["-c:a", "alac"]),
    ],
)
def test_a_container_that_does_not_say_declares_nothing(
    suffix: str, options: list[str], edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = converted(edge_case("0.4-seconds.flac"), tmp_path / f"x{suffix}", *options)
    assert declared_length_s(path) is None


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".caf", ["-c:a", "pcm_s16be"]),
        (".w64", ["-c:a", "pcm_s24le"]),
        (".rf64", ["-c:a", "pcm_s16le", "-rf64", "always", "-f", "wav"]),
    ],
    ids=["caf", "w64", "rf64"],
)
def test_what_mutagen_does_not_read_declares_its_exact_length_too(
    suffix: str, options: list[str], edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = converted(edge_case("0.4-seconds.flac"), tmp_path / f"x{suffix}", *options)
    assert declared_length_s(path) == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize("form", ["wav", "flac", "caf"])
def test_a_file_that_was_written_to_a_pipe_declares_nothing(
    form: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = piped(edge_case("0.4-seconds.flac"), tmp_path / "piped", form)
    assert declared_length_s(path) is None


def with_data_size(wav: Path, size: int, path: Path) -> Path:
    """A WAV whose header says another size."""
    body = bytearray(wav.read_bytes())
    struct.pack_into("<I", body, body.index(b"data") + 4, size)
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFF00, 0xFFFFFFFF - 36, 0xFFFFFFFF])
def test_a_wav_whose_header_says_nothing_or_the_most_is_open_ended(
    size: int, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = with_data_size(edge_case("same-recording.wav"), size, tmp_path / "endless.wav")
    header = parse_container_header(path)
    assert (header.length_s, header.open_ended) == (None, True)


@pytest.mark.parametrize(
    "name", ["empty.wav", "not-audio.flac", "picture-as-audio.mp3", "truncated.m4a"]
)
def test_what_is_no_master_declares_nothing(name: str, edge_case: EdgeCase) -> None:
    assert declared_length_s(edge_case(name)) is None


@pytest.mark.parametrize(
    "name",
    ["0.4-seconds.flac", "one-sample.wav", "same-lossy-1.mp3", "same-lossy-1.m4a",
     "same-lossy-1.ogg"],
)  # fmt: skip
def test_a_changed_byte_gives_a_length_or_none(
    name: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    whole = edge_case(name).read_bytes()
    for path in each_byte_changed(whole, tmp_path / name, [range(min(120, len(whole)))]):
        length_s = declared_length_s(path)
        assert length_s is None or length_s > 0


def test_a_tag_that_unpacks_to_a_gigabyte_harms_nobody(tmp_path: Path) -> None:
    """What is read apart is bounded there, and the rest of us never sees it."""
    path = tmp_path / "bomb.mp3"
    path.write_bytes(id3_of_a_packed_frame(1 << 30))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_container_header(path)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def id3_of_a_packed_frame(size: int) -> bytes:
    """An ID3v2.4 tag with one compressed text frame (id3v2.4.0-structure §4.1.2), and no sound."""
    packer, zeros = zlib.compressobj(9), bytes(1 << 20)
    packed = b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()
    body = synchsafe(min(size, (1 << 28) - 1)) + packed
    frame = b"TIT2" + synchsafe(len(body)) + bytes([0, 0b1001]) + body
    return b"ID3" + bytes([4, 0, 0]) + synchsafe(len(frame)) + frame


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
