"""What two releases of ffmpeg say of a master, read from what they said."""

from dataclasses import replace
from pathlib import Path

import pytest

from legato.errors import BadInput
from legato.transcode.probe import Probe, parse_probe

GOLDEN = Path(__file__).parent / "golden"
CD = Probe(
    container="flac", codec="flac", sample_rate_hz=44_100, channels=2, layout="stereo",
    sample_format="s16", duration_s=8.0,
)  # fmt: skip
LOSSY = replace(CD, container="mp3", codec="mp3", sample_format="flt", duration_s=4.0)
SURROUND = replace(CD, sample_rate_hz=48_000, channels=6, layout="5.1", duration_s=4.0)
EXPECTED = {
    "flac": CD,
    "wav": replace(
        CD, container="wav", codec="pcm_s24le", sample_rate_hz=96_000, sample_format="s32",
        duration_s=4.0,
    ),
    "aiff": replace(CD, container="aiff", codec="pcm_s16be"),
    "alac": replace(CD, container="mov", codec="alac"),
    "extensible": replace(CD, container="wav", codec="pcm_s16le"),
    "float": replace(
        CD, container="wav", codec="pcm_f32le", sample_format="flt", duration_s=3.0
    ),
    "mono": replace(
        CD, container="wav", codec="pcm_s16le", sample_rate_hz=8_000, channels=1, layout="mono",
        duration_s=3.0,
    ),
    "surround-wav": replace(SURROUND, container="wav", codec="pcm_s16le"),
    "surround-flac": SURROUND,
    "mp3": LOSSY,
    "m4a": replace(LOSSY, container="mov", codec="aac"),
    "ogg": replace(LOSSY, container="ogg", codec="vorbis"),
}  # fmt: skip
MISDETECTED = """\
[flac @ 0x1] Format flac detected only with low score of 1, misdetection possible!
Input #0, flac, from 'file:x':
  Stream #0:0: Audio: flac, 0 channels
"""
LOSSLESS = {"flac", "wav", "aiff", "alac", "extensible", "float", "mono", "surround-wav",
            "surround-flac"}  # fmt: skip


def said(release: str, name: str) -> str:
    return (GOLDEN / f"probe-{release}" / f"{name}.txt").read_text()


def parsed(stream: str, before: str = "  Duration: 00:00:01.00, bitrate: 1 kb/s\n") -> Probe:
    """What is read of one stream's line."""
    text = f"Input #0, wav, from 'file:x':\n{before}  Stream #0:0: Audio: {stream}\n"
    return parse_probe(text, Path("/nowhere"))


@pytest.mark.parametrize("release", ["5.1", "9"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_master_is_what_either_release_says_it_is(release: str, name: str) -> None:
    found = parse_probe(said(release, name), Path("/nowhere"))
    expected = EXPECTED[name]
    if (release, name) == ("5.1", "mp3"):
        expected = replace(expected, duration_s=4.05)  # it counts the padding
    assert found == expected
    assert found.lossless is (name in LOSSLESS)
    assert found.floating is (expected.sample_format == "flt")


@pytest.mark.parametrize(
    ("layout", "channels", "expected"),
    [
        ("5.1(side)", 6, "5.1"), ("5.0(side)", 5, "5.0"), ("7.1(wide)", 8, "7.1"),
        ("1 channels", 1, "mono"), ("2 channels", 2, "stereo"), ("6 channels", 6, "5.1"),
        ("quad", 4, "quad"), ("2.1", 3, "2.1"),
    ],
)  # fmt: skip
def test_a_layout_is_named_alike_however_it_is_told(
    layout: str, channels: int, expected: str
) -> None:
    found = parsed(f"pcm_s16le, 44100 Hz, {layout}, s16, 1411 kb/s")
    assert (found.channels, found.layout) == (channels, expected)


@pytest.mark.parametrize("layout", ["9 channels", "24 channels", "22.2", "ambisonic 1", "FL+LFE"])
def test_a_layout_that_cannot_be_mixed_down_is_refused_by_name(layout: str) -> None:
    with pytest.raises(BadInput, match=r"expected mono to 7\.1") as caught:
        parsed(f"pcm_s16le, 44100 Hz, {layout}, s16")
    assert caught.value.code == "channel_layout"
    assert layout in caught.value.message


@pytest.mark.parametrize(
    ("written", "sample_format"),
    [("s16", "s16"), ("s16p", "s16"), ("s32 (24 bit)", "s32"), ("s32p", "s32"), ("u8", "u8"),
     ("fltp", "flt"), ("dbl", "dbl"), ("s64", "s64"), ("s32", "s32")],
)  # fmt: skip
def test_planar_samples_and_spare_bits_make_no_other_format(
    written: str, sample_format: str
) -> None:
    assert parsed(f"flac, 44100 Hz, stereo, {written}, 900 kb/s").sample_format == sample_format


@pytest.mark.parametrize(
    ("line", "duration_s"),
    [
        ("  Duration: 01:02:03.50, start: 0.025056, bitrate: 1 kb/s\n", 3723.5),
        ("  Duration: 123:00:00.00, bitrate: 1 kb/s\n", 442_800.0),
        ("  Duration: N/A, bitrate: N/A\n", None),
        ("", None),
    ],
)
def test_a_duration_is_in_seconds_or_not_known(line: str, duration_s: float | None) -> None:
    assert parsed("pcm_s16le, 44100 Hz, mono, s16", line).duration_s == duration_s


def test_the_first_audio_stream_counts_and_no_picture() -> None:
    text = (
        "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:x':\n"
        "  Stream #0:0[0x1]: Video: png, rgb24(pc), 240x240 (attached pic)\n"
        "  Stream #0:1[0x2](und): Audio: alac (alac / 0x63616C61), 48000 Hz, mono, s16p (default)\n"
        "  Stream #0:2: Audio: aac (LC), 44100 Hz, stereo, fltp\n"
    )
    found = parse_probe(text, Path("/nowhere"))
    assert (found.container, found.codec, found.sample_rate_hz) == ("mov", "alac", 48_000)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Input #0, mov, from 'file:x':\n  Stream #0:0: Video: h264, yuv420p\n", "no_audio"),
        ("Input #0, wav, from 'file:x':\n  Stream #0:0: Audio: none, 44100 Hz\n", "no_audio"),
        ("[mov @ 0x1] moov atom not found\nfile:x: Invalid data found\n", "truncated"),
        (MISDETECTED, "not_audio"),
        ("file:x: Invalid data found when processing input\n", "not_audio"),
        ("", "not_audio"),
    ],
)
def test_what_holds_no_audio_is_refused_with_what_it_is(
    text: str, code: str, tmp_path: Path
) -> None:
    master = tmp_path / "x"
    master.write_bytes(b"\x89PNG\r\n\x1a\n and more")
    with pytest.raises(BadInput) as caught:
        parse_probe(text, master)
    assert caught.value.code == code
    assert "expected" in caught.value.message
    assert code != "not_audio" or r"\x89PNG" in caught.value.message
