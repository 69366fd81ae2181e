"""Every ffmpeg command line, as a pure value: a list of words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import ffmpeg

from legato.transcode.ladder import Codec, Rendition

# Containers by content, never by name; ffmpeg would also follow playlists and scripts.
ACCEPTED_DEMUXERS: Final = ("aac", "aiff", "caf", "flac", "mov", "mp3", "ogg", "w64", "wav", "wv")
# Only these read what somebody sent: of a cover, which is a stream too, no pixel is decoded.
ACCEPTED_DECODERS: Final = (
    "aac", "alac", "flac", "libopus", "libvorbis", "mp3", "mp3float", "opus", "vorbis", "wavpack",
    "pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8",
    *(f"pcm_{form}{end}" for form in ("s16", "s24", "s32", "f32", "f64") for end in ("be", "le")),
)  # fmt: skip
# A song, its covers, chapters, lyrics; each stream costs memory.
MOST_STREAMS: Final = 64
DELIVERED_CHANNELS: Final = 2
PCM_BYTES: Final = 4
FRAME_BYTES: Final = DELIVERED_CHANNELS * PCM_BYTES
PcmFormat = Literal["s32le", "f32le"]

_FOREIGN_INPUT: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(ACCEPTED_DEMUXERS),
    "codec_whitelist": ",".join(ACCEPTED_DECODERS),
    "max_streams": MOST_STREAMS,
}
# Tags are foreign text: where we read what ffmpeg says, they are not to be among it.
_NO_TAGS: Final = {"map_metadata": "-1", "map_metadata:s": "-1", "map_chapters": "-1"}
# Nothing of the encoder, the time or the master's tags goes into what is delivered.
_ANONYMOUS: Final = {"map_metadata": "-1", "fflags": "+bitexact", "flags:a": "+bitexact"}
_ENCODERS: Final[dict[str, dict[str, Any]]] = {
    # One packet a page: every packet's end is told without decoding Vorbis.
    "vorbis": {"c:a": "libvorbis", "f": "ogg", "page_duration": 1},
    # No noise substitution: a decoder's noise is random, so no two decodes would agree.
    "aac": {"c:a": "aac", "aac_pns": 0, "f": "mp4"},
}
EXTENSIONS: Final = {"vorbis": ".ogg", "aac": ".mp4"}


def probe(binary: str, master: Path) -> list[str]:
    """Say what the file is, on stderr; nothing is decoded."""
    output = _foreign(master).output("pipe:1", map="0:a:0", c="copy", t=0, f="null", **_NO_TAGS)
    return _words(binary, output, level="info")


def decode_pcm(binary: str, master: Path, pcm: PcmFormat, *, strict: bool) -> list[str]:
    """The first audio stream's samples as they are, on stdout.

    `strict` stops at the first damage, where a lossy stream would be concealed.
    """
    errors = {"xerror": None, "err_detect": "crccheck+bitstream+buffer+explode"} if strict else {}
    # One thread decodes faster than anybody reads; more cost a fifth more.
    stream = _foreign(master, threads=1, **errors)
    return _words(binary, stream.output("pipe:1", map="0:a:0", **{"c:a": f"pcm_{pcm}"}, f=pcm))


def hash_packets(binary: str, master: Path) -> list[str]:
    """The coded packets' sizes, times and SHA-256, a line each, on stdout."""
    stream = _foreign(master)
    return _words(
        binary, stream.output("pipe:1", map="0:a:0", c="copy", f="framehash", hash="sha256")
    )


def fingerprint(binary: str, master: Path, *, length_s: int) -> list[str]:
    """The Chromaprint of the first `length_s` seconds, on stdout: little-endian 32-bit words.

    It counts one or two channels.
    """
    stream = _foreign(master, t=length_s)
    chromaprint = {"f": "chromaprint", "fp_format": "raw", "algorithm": 1}
    return _words(binary, stream.output("pipe:1", map="0:a:0", ac=2, **chromaprint))


def decode_beginning(binary: str, master: Path, *, length_s: int, rate_hz: int) -> list[str]:
    """The first `length_s` seconds in one channel of 16 bits at `rate_hz`, on stdout."""
    stream = _foreign(master, t=length_s)
    return _words(binary, stream.output("pipe:1", map="0:a:0", ac=1, ar=rate_hz, f="s16le"))


def decode_for_encoders(
    binary: str, master: Path, *, channels: int, rate_hz: int, delivered_rate_hz: int
) -> list[str]:
    """Stereo at the delivered rate, 32-bit float, on stdout; its loudness on stderr.

    What is measured is what the encoders are given: a mono master laid on both channels.
    """
    stream = _foreign(master)["a:0"]
    if channels == 1:
        stream = stream.filter("channelmap", map="0|0", channel_layout="stereo")
    if channels > DELIVERED_CHANNELS or rate_hz != delivered_rate_hz:
        stream = stream.filter(
            "aresample", delivered_rate_hz, resampler="soxr", rematrix_maxval=1
        ).filter("aformat", channel_layouts="stereo")
    output = _measured(stream).output("pipe:1", **{"c:a": "pcm_f32le"}, f="f32le", **_NO_TAGS)
    return _words(binary, output, level="info")


def decode_rendition(binary: str, file: Path, codec: Codec) -> list[str]:
    """All that a packaged rendition decodes to, AAC's priming too, as 32-bit float on stdout."""
    output = _rendition(file, codec).output("pipe:1", **{"c:a": "pcm_f32le"}, f="f32le")
    return _words(binary, output)


def measure_rendition(
    binary: str, file: Path, codec: Codec, *, priming_samples: int, samples: int
) -> list[str]:
    """What a packaged rendition presents, 32-bit float on stdout; its loudness on stderr."""
    presented = _rendition(file, codec).filter(
        "atrim", start_sample=priming_samples, end_sample=priming_samples + samples
    )
    output = _measured(presented).output("pipe:1", **{"c:a": "pcm_f32le"}, f="f32le")
    return _words(binary, output, level="info")


def encode(
    binary: str, renditions: Sequence[Rendition], *, rate_hz: int, folder: Path
) -> list[str]:
    """Encode stdin (stereo, 32-bit float, at `rate_hz`) to a file in `folder` a rendition."""
    pcm = ffmpeg.input("pipe:0", f="f32le", ar=rate_hz, ac=DELIVERED_CHANNELS)["a:0"]
    # The encoders take planes: laid apart once, not once for each.
    planes = pcm.filter("aformat", sample_fmts="fltp")
    copies = planes.filter_multi_output("asplit", len(renditions))
    outputs = [
        copies[number].output(
            f"file:{encoded_file(folder, rendition)}",
            **_ENCODERS[rendition.codec], **{"b:a": rendition.nominal_bps}, **_ANONYMOUS,
        )
        for number, rendition in enumerate(renditions)
    ]  # fmt: skip
    return _words(binary, ffmpeg.merge_outputs(*outputs), "-y")


def encoded_file(folder: Path, rendition: Rendition) -> Path:
    """Where an encoder leaves a rendition."""
    return folder / f"{rendition.name}.encoded{EXTENSIONS[rendition.codec]}"


def _foreign(master: Path, **options: Any) -> Any:
    """A file that somebody sent: opened as a file and nothing else."""
    return ffmpeg.input(f"file:{master}", **_FOREIGN_INPUT, **options)


def _rendition(file: Path, codec: Codec) -> Any:
    """One of our own files; ffmpeg 5 and 7 differ in how they read a fragmented edit list."""
    options = {"ignore_editlist": 1} if codec == "aac" else {}
    return ffmpeg.input(f"file:{file}", protocol_whitelist="file", **options)["a:0"]


def _measured(stream: Any) -> Any:
    """With its loudness told on stderr when it has ended; what passes is unchanged."""
    return stream.filter("ebur128", framelog="verbose")


def _words(binary: str, output: Any, *more: str, level: str = "error") -> list[str]:
    quiet = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", level)
    words: list[str] = output.global_args(*quiet, *more).compile(cmd=binary)
    return words
