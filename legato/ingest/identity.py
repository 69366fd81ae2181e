"""`master_id` and `audio_id`: the same file, and the same sound (docs/decisions/0003)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from legato.errors import BadInput, Corrupt
from legato.ingest.coded_digest import coded_digest
from legato.ingest.gate.facts import Examination, SoundFacts
from legato.ingest.gate.file_examiner import FileExaminer
from legato.ingest.gate.sound_examiner import SoundExaminer
from legato.ingest.headers.container import read_container_header
from legato.ingest.headers.declared import ContainerHeader
from legato.ingest.ogg_master import is_cut_off
from legato.ingest.pcm_digest import PcmDigest, pcm_format
from legato.transcode import commands
from legato.transcode.last_words import last_line
from legato.transcode.probe import Probe, probe
from legato.transcode.process import FfmpegFailedError, Running, StallWatch

# Beside every form of PCM. A container may hold others, and ffmpeg would decode them.
ACCEPTED_CODECS: Final = ("flac", "alac", "wavpack", "mp3", "aac", "vorbis", "opus")
# What anybody records at; a header may claim what no resampler should be asked for.
SLOWEST_RATE_HZ: Final = 1_000
FASTEST_RATE_HZ: Final = 768_000
# A lossy container counts what its decoder skips, and rounds to frames.
_LOSSLESS_TOLERANCE_S: Final = 0.001
_LOSSY_TOLERANCE_S: Final = 0.25
# Longer than the longest FLAC frame at 44.1 kHz that encoders write.
_HOLE_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How masters are heard: with which ffmpeg, how patient, and which lengths are accepted."""

    binary: str
    stall_s: float
    shortest_s: float
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is heard of a master: `samples` a channel at its own rate.

    `examination` is what the quality gate judges it by (`legato.ingest.gate.judge`).
    """

    audio_id: str
    probe: Probe
    samples: int
    examination: Examination


# Told how many seconds have been heard, and of how many; what it raises ends the decoder.
OnHeard = Callable[[float, float], None]


class Known(Protocol):
    """What has been measured of recordings before: the same for every file that holds them."""

    def any_as_long(self, probed: Probe, samples: int) -> bool:
        """Whether one of that form has so many samples a channel."""
        ...

    def sound_of(self, audio_id: str) -> SoundFacts | None:
        """What was measured of it; None where that was never, or not all."""
        ...


def identify(
    master: Path,
    listening: Listening,
    on_heard: OnHeard = lambda _done, _all: None,
    known: Known | None = None,
) -> Identity:
    """Hear a master from end to end: which recording it is, and what to judge it by.

    It is decoded once. Where a recording that is just as long is `known`, it is heard for its
    identity alone, and once more only if it is another. Raises BadInput: `empty`, `not_audio`,
    `no_audio`, `codec`, `channel_layout`, `rate_out_of_range`, `damaged`, `truncated`, `too_short`,
    `too_long`, `silent`; Corrupt `decode_failed` where the decoder crashes; Unavailable where it
    stalls or is killed.
    """
    probed = probe(listening.binary, master)
    _check_form(probed)
    _check_not_too_long(probed.duration_s or 0, listening)
    one = _Master(path=master, probed=probed, container=read_container_header(master))
    declared = round((one.container.length_s or 0) * probed.sample_rate_hz)
    as_long = known is not None and known.any_as_long(probed, declared)
    heard = _hear(one, listening, on_heard, measuring=not as_long)
    _check_heard(heard.digest, probed, listening)
    audio_id = heard.digest.hexdigest()
    if not probed.lossless:
        audio_id = coded_digest(
            master, probed, heard.digest.samples, binary=listening.binary, stall_s=listening.stall_s
        )
    sound = heard.sound.facts() if heard.sound else None
    if sound is None and known is not None:
        sound = known.sound_of(audio_id)
    if sound is None:
        again = _hear(one, listening, on_heard, measuring=True)
        assert again.sound is not None, "it was to be measured"  # noqa: S101 - for mypy
        sound = again.sound.facts()
    return Identity(
        audio_id=audio_id,
        probe=probed,
        samples=heard.digest.samples,
        examination=Examination(file=heard.file.facts(), sound=sound),
    )


def _check_heard(digest: PcmDigest, probed: Probe, listening: Listening) -> None:
    _check_length(digest.samples / probed.sample_rate_hz, listening)
    if digest.silent:
        raise BadInput(
            "silent",
            f"found {digest.samples} samples of digital silence, expected sound in at least one",
        )


def _check_form(probed: Probe) -> None:
    if not probed.codec.startswith("pcm_") and probed.codec not in ACCEPTED_CODECS:
        raise BadInput(
            "codec",
            f"found {probed.codec} in {probed.container}, expected PCM, FLAC, ALAC, WavPack, MP3, "
            "AAC, Vorbis or Opus",
        )
    if not SLOWEST_RATE_HZ <= probed.sample_rate_hz <= FASTEST_RATE_HZ:
        raise BadInput(
            "rate_out_of_range",
            f"found a sample rate of {probed.sample_rate_hz} Hz, expected {SLOWEST_RATE_HZ} to "
            f"{FASTEST_RATE_HZ} Hz",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Master:
    """A file, what ffmpeg says of it, and what its own container does."""

    path: Path
    probed: Probe
    container: ContainerHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """One decode: whose it is, what the file is, and what it is like where that was measured."""

    digest: PcmDigest
    file: FileExaminer
    sound: SoundExaminer | None

    def update(self, block: bytes) -> None:
        self.digest.update(block)
        self.file.update(block)
        if self.sound is not None:
            self.sound.update(block)


def _hear(master: _Master, listening: Listening, on_heard: OnHeard, *, measuring: bool) -> _Heard:
    """Decode all of it; the damage in a lossless master is not concealed."""
    rate_hz = master.probed.sample_rate_hz
    try:
        heard = _decode(
            master, listening, on_heard, strict=_tells_damage(master), measuring=measuring
        )
    except _DamagedError as damage:
        # What can be decoded past the damage tells a file with a hole from one that is cut.
        rest = _decode_leniently(master, listening, on_heard)
        if rest is not None and rest - damage.samples < _HOLE_S * rate_hz:
            _check_whole(master, rest)
        where_s = damage.samples / rate_hz
        raise BadInput(
            "damaged",
            f"found damage after {where_s:.1f} s ({damage}), expected a file that decodes "
            "from end to end; send it again",
        ) from damage
    if heard.digest.samples <= listening.longest_s * rate_hz:
        _check_whole(master, heard.digest.samples)
    return heard


def _tells_damage(master: _Master) -> bool:
    """Whether an error of the decoder is one of the file.

    Of PCM that is open-ended ffmpeg calls the last block damaged, since it is shorter than what
    was asked for; and PCM has no checksum that could be wrong.
    """
    pcm = master.probed.codec.startswith("pcm_")
    return master.probed.lossless and not (pcm and master.container.open_ended)


class _DamagedError(Exception):
    """The decoder gave up after so many samples."""

    def __init__(self, samples: int, said: str) -> None:
        super().__init__(last_line(said))
        self.samples = samples


def _decode_leniently(master: _Master, listening: Listening, on_heard: OnHeard) -> int | None:
    """How many samples there are with the damage concealed; None if too much is damaged."""
    try:
        heard = _decode(master, listening, on_heard, strict=False, measuring=False)
    except _DamagedError:
        return None
    return heard.digest.samples


def _decode(
    master: _Master, listening: Listening, on_heard: OnHeard, *, strict: bool, measuring: bool
) -> _Heard:
    probed = master.probed
    file = FileExaminer(master.path, probed, master.container)
    sound = SoundExaminer(probed, lossless=file.lossless) if measuring else None
    heard = _Heard(digest=PcmDigest(probed), file=file, sound=sound)
    digest, form = heard.digest, pcm_format(probed)
    command = commands.decode_pcm(listening.binary, master.path, form, strict=strict)
    longest = listening.longest_s * probed.sample_rate_hz
    try:
        with Running(command) as decoder, StallWatch(listening.stall_s, [decoder]) as watch:
            for block in decoder.blocks():
                heard.update(block)
                watch.moved()
                on_heard(digest.samples / probed.sample_rate_hz, probed.duration_s or 0)
                if digest.samples > longest:
                    return heard
            decoder.finish()
    except FfmpegFailedError as error:
        if error.status < 0:  # it crashed: no input may make it do that
            raise Corrupt("decode_failed", f"{error}") from error
        raise _DamagedError(digest.samples, error.said) from error
    return heard


def _check_whole(master: _Master, samples: int) -> None:
    """Refuse a file that holds less than its own header declares."""
    probed, declared_s = master.probed, master.container.length_s
    heard_s = samples / probed.sample_rate_hz
    tolerance_s = _LOSSLESS_TOLERANCE_S if probed.lossless else _LOSSY_TOLERANCE_S
    if declared_s is not None and heard_s < declared_s - tolerance_s:
        raise BadInput(
            "truncated",
            f"found {heard_s:.3f} s of audio, expected the {declared_s:.3f} s "
            "that its header declares; send the whole file",
        )
    if probed.container == "ogg" and is_cut_off(master.path):
        raise BadInput(
            "truncated",
            f"found an Ogg file that ends within a page after {heard_s:.3f} s, "
            "expected a whole one; send the whole file",
        )


def _check_length(heard_s: float, listening: Listening) -> None:
    if heard_s == 0:
        raise BadInput("no_audio", "found a header and no samples, expected a recording")
    if heard_s < listening.shortest_s:
        raise BadInput(
            "too_short",
            f"found {heard_s:.3f} s of audio, expected at least {listening.shortest_s:g} s "
            "(LEGATO_MIN_DURATION_S)",
        )
    _check_not_too_long(heard_s, listening)


def _check_not_too_long(length_s: float, listening: Listening) -> None:
    if length_s > listening.longest_s:
        raise BadInput(
            "too_long",
            f"found more than {listening.longest_s:g} s of audio, expected at most as much "
            "(LEGATO_MAX_DURATION_S)",
        )
