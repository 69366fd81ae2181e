"""The encoder's own MP4 file: from two releases of ffmpeg, and damaged in every byte."""

import struct
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from legato.errors import Corrupt
from legato.packaging.encoded_aac import EncodedAac, read_encoded_aac
from legato.transcode import commands
from legato.transcode.ladder import LADDER
from tests.packaging.decoders import DECODERS
from tests.packaging.encoded_music import AAC, SYSTEM_FFMPEG, WHEEL_FFMPEG, encoded, package

SAMPLES = 6000
every_binary = pytest.mark.parametrize(
    "binary", [SYSTEM_FFMPEG, WHEEL_FFMPEG], ids=["ffmpeg 5.1", "ffmpeg 9"]
)


def source(binary: str = SYSTEM_FFMPEG) -> bytes:
    return encoded("aac-96", SAMPLES, 44_100, binary)


def read(stored: bytes) -> EncodedAac:
    return read_encoded_aac(BytesIO(stored))


def moov_span(stored: bytes) -> tuple[int, int]:
    at = stored.index(b"moov") - 4
    return at, at + int.from_bytes(stored[at : at + 4])


def edited(kind: bytes, offset: int, value: bytes) -> bytes:
    """The file with bytes of one box's content replaced."""
    stored = source()
    at = stored.index(kind, moov_span(stored)[0]) + 4 + offset
    return stored[:at] + value + stored[at + len(value) :]


@every_binary
@pytest.mark.parametrize("name", AAC)
@pytest.mark.parametrize(("samples", "rate_hz"), [(1, 44_100), (6000, 44_100), (30_000, 48_000)])
def test_an_encoders_file_tells_its_rate_priming_and_length(
    binary: str, name: str, samples: int, rate_hz: int
) -> None:
    stored = encoded(name, samples, rate_hz, binary)
    found = read(stored)
    assert (found.sample_rate_hz, found.priming_samples) == (rate_hz, 1024)
    assert found.media_samples == 1024 + samples
    assert len(found.frame_sizes) == 1 - (-samples // 1024)
    assert found.sample_entry[4:8] == b"mp4a"
    assert b"esds" in found.sample_entry


@every_binary
def test_the_frames_are_all_of_the_media_data(binary: str) -> None:
    stored = source(binary)
    found = read(stored)
    mdat = stored.index(b"mdat") - 4
    mdat_size = int.from_bytes(stored[mdat : mdat + 4])
    assert found.frames_offset == mdat + 8
    assert sum(found.frame_sizes) == mdat_size - 8


@every_binary
@pytest.mark.parametrize("change", [lambda b: b ^ 0xFF, lambda b: b ^ 0x01, lambda _: 0])
def test_a_changed_byte_of_the_tables_gives_a_result_or_corrupt(
    binary: str, change: Callable[[int], int]
) -> None:
    stored = source(binary)
    corrupt = 0
    for at in range(*moov_span(stored)):
        flipped = bytearray(stored)
        flipped[at] = change(flipped[at])
        try:
            _, index = package(bytes(flipped), "aac-96", SAMPLES)
        except Corrupt:
            corrupt += 1
        else:
            assert index.samples == SAMPLES
    assert corrupt > 50, "much of what the tables say matters"


@every_binary
def test_a_file_cut_anywhere_in_its_tables_is_corrupt(binary: str) -> None:
    stored = source(binary)
    start, end = moov_span(stored)
    assert start > stored.index(b"mdat"), "the encoder writes its tables last"
    for size in range(start - 100, end):
        with pytest.raises(Corrupt):
            package(stored[:size], "aac-96", SAMPLES)


@pytest.mark.parametrize("samples", [0, SAMPLES - 1, SAMPLES + 1, SAMPLES + 1024])
def test_another_length_than_the_encoder_was_given_is_corrupt(samples: int) -> None:
    with pytest.raises(Corrupt, match=f"presents {SAMPLES} samples, not {samples}") as caught:
        package(source(), "aac-96", samples)
    assert caught.value.code == "aac_length"


@pytest.mark.parametrize(
    ("kind", "offset", "value", "code"),
    [
        (b"mdhd", 12, bytes(4), "mp4_timescale"),
        (b"mdhd", 16, struct.pack(">I", 1024 + SAMPLES + 1024), "aac_frame_count"),
        (b"mdhd", 16, bytes(4), "aac_frame_count"),
        (b"elst", 4, struct.pack(">I", 2), "mp4_edit_list"),
        (b"elst", 4, bytes(4), "mp4_edit_list"),
        (b"elst", 12, struct.pack(">i", -1), "mp4_edit_list"),
        (b"elst", 12, struct.pack(">i", 1024 + SAMPLES), "mp4_edit_list"),
        (b"elst", 0, b"\1", "mp4_box_short"),
        (b"stsz", 4, struct.pack(">I", 2**31), "mp4_sizes"),
        (b"stsz", 8, struct.pack(">I", 2**32 - 1), "mp4_sizes"),
        (b"stsz", 12, struct.pack(">I", 2**32 - 1), "mp4_frames_outside"),
        (b"stco", 8, bytes(4), "mp4_frames_outside"),
        (b"stco", 8, struct.pack(">I", 2**32 - 1), "mp4_frames_outside"),
        (b"edts", -4, b"free", "mp4_box_missing"),
        (b"stbl", -4, b"free", "mp4_box_missing"),
        (b"trak", -4, b"free", "mp4_box_missing"),
        (b"moov", -4, b"free", "mp4_box_missing"),
    ],
)
def test_tables_that_do_not_agree_are_corrupt(
    kind: bytes, offset: int, value: bytes, code: str
) -> None:
    with pytest.raises(Corrupt) as caught:
        package(edited(kind, offset, value), "aac-96", SAMPLES)
    assert caught.value.code == code


def test_frames_that_are_all_of_one_size_are_read_and_packaged(tmp_path: Path) -> None:
    rendition = LADDER.renditions[3]
    command = commands.encode(SYSTEM_FFMPEG, [rendition], rate_hz=44_100, folder=tmp_path)
    subprocess.run(command, input=bytes(8 * SAMPLES), check=True)  # digital silence
    stored = commands.encoded_file(tmp_path, rendition).read_bytes()
    assert stored[stored.index(b"stsz") + 8 :][:4] != bytes(4), "one size stands for all"
    sizes = set(read(stored).frame_sizes)
    assert len(sizes) == 1
    body, index = package(stored, rendition.name, SAMPLES)
    assert index.samples == SAMPLES
    assert len(DECODERS["ffmpeg 9"](body)) >= SAMPLES


def test_a_file_without_tables_or_without_frames_is_corrupt() -> None:
    stored = source()
    start, end = moov_span(stored)
    mdat = stored.index(b"mdat") - 4
    for rest in (stored[:start], stored[:mdat] + stored[start:end], b""):
        with pytest.raises(Corrupt):
            read(rest)
