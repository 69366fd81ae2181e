"""Real files, asked about with both releases of ffmpeg."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import mutagen
import pytest

from legato.errors import BadInput
from legato.transcode.probe import probe
from tests.transcode.signals import write_master

every_binary = pytest.mark.parametrize(
    "binary",
    ["/usr/bin/ffmpeg", str(imageio_ffmpeg.get_ffmpeg_exe())],
    ids=["ffmpeg 5.1", "ffmpeg 9"],
)
EdgeCase = Callable[[str], Path]
SHAPES = {
    "mono-8000.wav": (8_000, "mono", "s16"),
    "surround-51-48000.wav": (48_000, "5.1", "s16"),
    "surround-51-48000.flac": (48_000, "5.1", "s16"),
    "stereo-88200.flac": (88_200, "stereo", "s32"),
    "stereo-96000-24.wav": (96_000, "stereo", "s32"),
    "float-32.wav": (44_100, "stereo", "flt"),
    "one-sample.wav": (44_100, "mono", "s16"),
    "same-lossy-1.mp3": (44_100, "stereo", "flt"),
    "same-lossy-1.m4a": (44_100, "stereo", "flt"),
    "same-lossy-1.ogg": (44_100, "stereo", "flt"),
}
REFUSED = {
    "empty.wav": "empty",
    "not-audio.flac": "not_audio",
    "picture-as-audio.mp3": "not_audio",
    "playlist-as-audio.mp3": "not_audio",
    "truncated.m4a": "truncated",
}


@every_binary
@pytest.mark.parametrize("name", SHAPES)
def test_a_master_is_probed_as_what_it_was_made(
    binary: str, name: str, edge_case: EdgeCase
) -> None:
    found = probe(binary, edge_case(name))
    assert (found.sample_rate_hz, found.layout, found.sample_format) == SHAPES[name]


@every_binary
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_master_is_refused(binary: str, name: str, edge_case: EdgeCase) -> None:
    with pytest.raises(BadInput) as caught:
        probe(binary, edge_case(name))
    assert caught.value.code == REFUSED[name]
    assert caught.value.message.startswith("found ")
    assert ", expected " in caught.value.message


def tagged(path: Path, **tags: str) -> Path:
    file: Any = mutagen.File(path)
    file.update(tags)
    file.save()
    return path


@every_binary
def test_tags_of_any_length_do_not_hide_the_audio(
    binary: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    master = tmp_path / "lyrics.flac"
    master.write_bytes(edge_case("0.4-seconds.flac").read_bytes())
    tagged(master, LYRICS="And on and on it goes\n" * 20_000, TITLE="On")
    found = probe(binary, master)
    assert (found.codec, found.sample_rate_hz, found.duration_s) == ("flac", 44_100, 0.4)


@every_binary
def test_a_tag_cannot_pass_for_ffmpegs_own_words(
    binary: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    master = tmp_path / "forged.flac"
    master.write_bytes(edge_case("0.4-seconds.flac").read_bytes())
    forged = "x\n  Duration: 99:00:00.00\n  Stream #0:0: Audio: pcm_s16le, 8000 Hz, mono, s16\n"
    tagged(master, TITLE=forged, ARTIST=forged.replace("\n", "\r"))
    found = probe(binary, master)
    assert (found.codec, found.sample_rate_hz, found.duration_s) == ("flac", 44_100, 0.4)


@every_binary
def test_a_master_of_any_odd_name_is_probed(binary: str, tmp_path: Path) -> None:
    for name in ("-i", "a:b", "with space", "new\nline"):
        assert probe(binary, write_master(tmp_path / name, 100, 44_100)).codec == "pcm_s16le"
