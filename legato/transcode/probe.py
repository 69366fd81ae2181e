"""What a master is, read from what ffmpeg says of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from legato.errors import BadInput
from legato.transcode import commands
from legato.transcode.process import FfmpegFailedError, run

PROBE_TIMEOUT_S: Final = 30
_CONTAINER = re.compile(r"^Input #0, (?P<names>[^ ]+), from ", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (?:(\d+):(\d\d):(\d\d\.\d+)|N/A)", re.MULTILINE)
_AUDIO = re.compile(
    r"^  Stream #0:\d+.*?: Audio: (?P<codec>\w+)(?: \([^,]*\))*, (?P<rate>\d+) Hz, "
    r"(?P<layout>[^,\n]+)(?:, (?P<format>u8|s16|s32|s64|flt|dbl)p?\b)?",
    re.MULTILINE,
)
_CHANNELS_ALONE = re.compile(r"(\d+) channels")
_CHANNELS_OF_LAYOUT: Final = {
    "mono": 1, "stereo": 2, "2.1": 3, "3.0": 3, "4.0": 4, "quad": 4, "3.1": 4, "5.0": 5,
    "4.1": 5, "5.1": 6, "6.0": 6, "6.1": 7, "7.0": 7, "7.1": 8,
}  # fmt: skip
# What a file means that counts its channels and does not name them.
_LAYOUT_OF_CHANNELS: Final = {
    1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1",
}  # fmt: skip
_LOSSLESS: Final = ("flac", "alac", "wavpack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A master's container and its first audio stream.

    `sample_format` is ffmpeg's, without the `p` of planar ones, and empty for a codec that is not
    decoded here; `duration_s` is what the container declares, and may be wrong.
    """

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    sample_format: str
    duration_s: float | None

    @property
    def lossless(self) -> bool:
        return self.codec.startswith("pcm_") or self.codec in _LOSSLESS

    @property
    def floating(self) -> bool:
        return self.sample_format in ("flt", "dbl")


def probe(binary: str, master: Path) -> Probe:
    """Ask ffmpeg what a file is.

    Raises BadInput: `empty`, `not_audio` (no container that we accept) or `no_audio`.
    """
    if master.stat().st_size == 0:
        raise BadInput("empty", "found 0 bytes, expected an audio file")
    try:
        said = run(commands.probe(binary, master), timeout_s=PROBE_TIMEOUT_S).stderr
    except FfmpegFailedError as error:
        raise _unusable(master, error.said) from error
    return parse_probe(said, master)


def parse_probe(said: str, master: Path) -> Probe:
    """Read ffmpeg's description; raises BadInput where no audio is in it.

    The stream is read where it stands as output, without the tags that could say anything.
    """
    container = _CONTAINER.search(said)
    audio = _AUDIO.search(said, max(said.rfind("\nOutput #0, "), 0))
    if container is None or audio is None or _fails_to_open(audio):
        raise _unusable(master, said)
    channels, layout = _channels(audio["layout"])
    if channels == 0:
        raise BadInput(
            "channel_layout",
            f"found the channel layout {layout!r}, expected mono to 7.1",
        )
    return Probe(
        container=container["names"].split(",")[0],
        codec=audio["codec"],
        sample_rate_hz=int(audio["rate"]),
        channels=channels,
        layout=layout,
        sample_format=audio["format"] or "",
        duration_s=_duration_s(said),
    )


def _fails_to_open(audio: re.Match[str]) -> bool:
    """A decoder that we let it use could not make sense of the stream."""
    return audio["format"] is None and audio["codec"] in commands.ACCEPTED_DECODERS


def _channels(found: str) -> tuple[int, str]:
    """How many, and in which layout; "5.1(side)" and "5.1" are heard alike."""
    alone = _CHANNELS_ALONE.fullmatch(found)
    if alone is not None:
        count = int(alone[1])
        return (count if count in _LAYOUT_OF_CHANNELS else 0), _LAYOUT_OF_CHANNELS.get(count, found)
    layout = found.partition("(")[0].strip()
    return _CHANNELS_OF_LAYOUT.get(layout, 0), layout


def _duration_s(said: str) -> float | None:
    found = _DURATION.search(said)
    if found is None or found[1] is None:
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _unusable(master: Path, said: str) -> BadInput:
    # A container that ffmpeg took from the file's name and not from its content is none.
    if _CONTAINER.search(said) is not None and "misdetection possible" not in said:
        return BadInput(
            "no_audio",
            "found a container without an audio stream that can be decoded, "
            "expected one with a song in it",
        )
    if "max_streams" in said:
        return BadInput(
            "too_many_streams",
            f"found a container with more than {commands.MOST_STREAMS} streams, "
            "expected one with a song in it",
        )
    if "moov atom not found" in said:
        return BadInput(
            "truncated",
            "found an MP4 file without its moov box, expected a whole file; "
            "the end is probably missing",
        )
    if _is_unfinished(master):
        return BadInput(
            "not_audio",
            "found an AIFF or a Wave64 without its length, as one that was written to a pipe, "
            "expected a finished file; export it to a file, or as WAV or FLAC",
        )
    accepted = "FLAC, WAV, Wave64, AIFF, CAF, ALAC, WavPack, MP3, AAC, Ogg Vorbis or Opus"
    return BadInput(
        "not_audio",
        f"found {_first_bytes(master)}, expected {accepted}",
    )


def _is_unfinished(master: Path) -> bool:
    """A container that nobody can read without its size."""
    with master.open("rb") as file:
        start = file.read(24)
    return start.startswith((b"FORM\0\0\0\0AIF", b"FORM\xff\xff\xff\xffAIF")) or (
        start.startswith(b"riff\x2e\x91") and start.endswith(b"\xff" * 8)
    )


def _first_bytes(master: Path) -> str:
    with master.open("rb") as file:
        start = file.read(12)
    return f"a file that starts with {start!r}"
