"""One decode and six encodes, of real masters by real encoders."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from legato.errors import Corrupt, Unavailable
from legato.packaging.encoded_aac import read_encoded_aac
from legato.transcode.encode import Encoded, Encoding, encode
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.ladder import LADDER, Rendition
from legato.transcode.probe import probe
from tests.transcode.signals import write_master


@pytest.fixture
def encoding(ffmpeg: FfmpegBinary) -> Encoding:
    return Encoding(ladder=LADDER, binary=ffmpeg.path, cores=2, stall_s=60)


def encoded(master: Path, encoding: Encoding, folder: Path) -> Encoded:
    folder.mkdir(exist_ok=True)
    return encode(master, probe(encoding.binary, master), folder, encoding, lambda _: None)


def presented_samples(path: Path, rendition: Rendition) -> int:
    """How many samples a file presents: by a decoder, or by its edit list, which ffmpeg rounds."""
    if rendition.codec == "aac":
        with path.open("rb") as file:
            found = read_encoded_aac(file)
        return found.media_samples - found.priming_samples
    command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "pipe:1"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) // 4


def children() -> set[int]:
    """Processes that this one has started and that still run."""
    found = Path("/proc/self/task").glob("*/children")
    return {int(pid) for listed in found for pid in listed.read_text().split()}


@pytest.mark.parametrize(
    ("shape", "expected", "expected_hz"),
    [
        ((22_050, 44_100, 2, 16), 22_050, 44_100),
        ((22_051, 44_100, 1, 16), 22_051, 44_100),
        ((48_000, 96_000, 2, 24), 24_000, 48_000),
        ((96_000, 192_000, 2, 24), 24_000, 48_000),
        ((44_100, 88_200, 2, 24), 22_050, 44_100),
        ((4_000, 8_000, 1, 16), 24_000, 48_000),
        ((24_000, 48_000, 6, 16), 24_000, 48_000),
        ((1, 44_100, 1, 16), 1, 44_100),
        ((1, 48_000, 2, 16), 1, 48_000),
    ],
)
def test_any_master_becomes_six_files_of_its_length_at_the_delivered_rate(
    shape: tuple[int, int, int, int], expected: int, expected_hz: int, tmp_path: Path,
    encoding: Encoding,
) -> None:  # fmt: skip
    samples, rate_hz, channels, bits = shape
    master = write_master(tmp_path / "m.wav", samples, rate_hz, channels=channels, bits=bits)
    found = encoded(master, encoding, tmp_path / "job")
    assert (found.samples, found.sample_rate_hz) == (expected, expected_hz)
    assert list(found.files) == list(LADDER.renditions)
    assert sorted((tmp_path / "job").iterdir()) == sorted(found.files.values())
    for rendition, path in found.files.items():
        made = probe(encoding.binary, path)
        assert (made.codec, made.sample_rate_hz, made.channels) == (
            rendition.codec, expected_hz, 2
        )  # fmt: skip
        assert presented_samples(path, rendition) == expected


@pytest.mark.parametrize("cores", [1, 3, 6])
def test_the_files_are_the_same_on_any_number_of_cores(
    cores: int, tmp_path: Path, encoding: Encoding
) -> None:
    master = write_master(tmp_path / "m.wav", 30_000, 44_100)
    on_two = encoded(master, encoding, tmp_path / "two")
    others = encoded(master, replace(encoding, cores=cores), tmp_path / "others")
    for rendition in LADDER.renditions:
        assert on_two.files[rendition].read_bytes() == others.files[rendition].read_bytes()


def test_a_listener_hears_how_many_samples_have_gone(tmp_path: Path, encoding: Encoding) -> None:
    master = write_master(tmp_path / "m.wav", 200_000, 44_100)
    heard: list[int] = []
    encode(master, probe(encoding.binary, master), tmp_path, encoding, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 200_000
    assert len(heard) > 2


def test_what_the_listener_raises_ends_every_process(tmp_path: Path, encoding: Encoding) -> None:
    master = write_master(tmp_path / "m.wav", 20 * 44_100, 44_100)
    before = children()
    during: set[int] = set()

    def stop(_: int) -> None:
        during.update(children() - before)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        encode(master, probe(encoding.binary, master), tmp_path, encoding, stop)
    assert len(during) == 3, "a decoder and two encoders"
    assert not children() & during


def test_a_folder_that_is_gone_is_told_and_nothing_runs_on(
    tmp_path: Path, encoding: Encoding
) -> None:
    master = write_master(tmp_path / "m.wav", 20 * 44_100, 44_100)
    before = children()
    with pytest.raises(Unavailable, match="No such file or directory") as caught:
        encode(
            master, probe(encoding.binary, master), tmp_path / "nowhere", encoding, lambda _: None
        )
    assert caught.value.code == "file_unavailable"
    assert children() == before


def test_a_master_that_is_gone_is_told_and_nothing_runs_on(
    tmp_path: Path, encoding: Encoding
) -> None:
    master = write_master(tmp_path / "m.wav", 44_100, 44_100)
    probed = probe(encoding.binary, master)
    before = children()
    with pytest.raises(Unavailable, match="No such file or directory") as caught:
        encode(tmp_path / "gone.wav", probed, tmp_path, encoding, lambda _: None)
    assert caught.value.code == "file_unavailable"
    assert children() == before


def test_a_decoder_that_fails_is_told_and_nothing_runs_on(
    tmp_path: Path, encoding: Encoding
) -> None:
    master = write_master(tmp_path / "m.wav", 44_100, 44_100)
    probed = probe(encoding.binary, master)
    master.write_bytes(b"no longer audio")
    before = children()
    with pytest.raises(Corrupt, match="Invalid data found") as caught:
        encode(master, probed, tmp_path, encoding, lambda _: None)
    assert caught.value.code == "encode_failed"
    assert children() == before


def test_a_mono_master_is_heard_alike_on_both_channels(tmp_path: Path, encoding: Encoding) -> None:
    master = write_master(tmp_path / "m.wav", 44_100, 44_100, channels=1)
    found = encoded(master, encoding, tmp_path / "job")
    path = found.files[LADDER.renditions[2]]
    command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "pipe:1"]
    pcm = memoryview(subprocess.run(command, capture_output=True, check=True).stdout).cast("h")
    left, right = pcm[0::2], pcm[1::2]
    assert max(abs(a - b) for a, b in zip(left, right, strict=True)) <= 1
    assert 0.35 < max(left) / 32_768 < 0.45, "as loud as the master, which peaks at 0.4"
