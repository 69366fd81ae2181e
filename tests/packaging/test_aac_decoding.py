"""The packaged AAC file in real decoders."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.packaging.decoders import DECODERS, Decoded
from tests.packaging.encoded_music import AAC, SYSTEM_FFMPEG, WHEEL_FFMPEG, encoded, packaged

LONG = 16 * 44_100
LENGTHS = [(100, 44_100), (17_640, 44_100), (LONG, 44_100), (6 * 48_000, 48_000)]
every_length = pytest.mark.parametrize(("samples", "rate_hz"), LENGTHS)
every_binary = pytest.mark.parametrize(
    "binary", [SYSTEM_FFMPEG, WHEEL_FFMPEG], ids=["ffmpeg 5.1", "ffmpeg 9"]
)


def padding(samples: int) -> int:
    """What fills the last frame, which ffmpeg does not trim in a fragmented file."""
    return -samples % 1024


def decode_file(binary: str, path: Path) -> Decoded:
    """An encoder's own file, which has its tables at its end and so is no pipe."""
    command = [binary, "-v", "error", "-i", str(path), "-f", "f32le", "pipe:1"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2)


@pytest.mark.parametrize("name", AAC)
@every_length
def test_init_and_all_chunks_decode_to_what_the_encoders_own_file_does(
    tmp_path: Path, name: str, samples: int, rate_hz: int
) -> None:
    theirs = tmp_path / "encoded.mp4"
    theirs.write_bytes(encoded(name, samples, rate_hz))
    expected = decode_file(WHEEL_FFMPEG, theirs)
    heard = DECODERS["ffmpeg 9"](packaged(name, samples, rate_hz)[0])
    assert len(heard) == samples + padding(samples)
    assert samples - 20 <= len(expected) <= samples
    np.testing.assert_array_equal(heard[: len(expected)], expected, strict=True)


@every_binary
def test_what_either_release_encodes_is_heard_alike_before_and_after_packaging(
    tmp_path: Path, binary: str
) -> None:
    theirs = tmp_path / "encoded.mp4"
    theirs.write_bytes(encoded("aac-160", 17_640, 44_100, binary))
    expected = decode_file(WHEEL_FFMPEG, theirs)
    heard = DECODERS["ffmpeg 9"](packaged("aac-160", 17_640, 44_100, binary)[0])
    np.testing.assert_array_equal(heard[: len(expected)], expected, strict=True)


def test_an_older_decoder_that_ignores_the_edit_list_hears_the_priming_and_then_the_same() -> None:
    body, _ = packaged("aac-160", 17_640, 44_100)
    old, new = DECODERS["ffmpeg 5.1"](body), DECODERS["ffmpeg 9"](body)
    assert len(old) == 1024 + 17_640 + padding(17_640)
    np.testing.assert_allclose(old[1024:], new, atol=1e-5)


@pytest.mark.parametrize("name", AAC)
def test_a_chunk_alone_is_right_after_its_warm_up_and_not_before(name: str) -> None:
    decode = DECODERS["ffmpeg 5.1"]  # gives all that it decodes, the priming too
    body, index = packaged(name, LONG, 44_100)
    init, whole = body[: index.init_size], decode(body)
    for chunk in index.chunks[1:]:
        alone = decode(init + body[chunk.offset : chunk.offset + chunk.size])
        start, warm = chunk.start_sample + 1024, index.warmup_samples
        right = whole[start + warm : start + len(alone)]
        assert len(alone) >= chunk.samples
        np.testing.assert_array_equal(alone[warm:], right, strict=True)
        assert not np.array_equal(alone[:warm], whole[start : start + warm])


def test_two_decodes_agree() -> None:
    body, _ = packaged("aac-96", 17_640, 44_100)
    first, second = (DECODERS["ffmpeg 9"](body) for _ in range(2))
    np.testing.assert_array_equal(first, second)
