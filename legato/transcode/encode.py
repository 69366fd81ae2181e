"""One decode, six encodes, on all cores."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from legato.errors import Corrupt
from legato.packaging.loudness import Loudness
from legato.transcode import commands
from legato.transcode.ladder import Ladder, Rendition, delivered_rate_hz, share
from legato.transcode.loudness import parse_loudness
from legato.transcode.peaks import Peaks
from legato.transcode.probe import Probe
from legato.transcode.process import FfmpegFailedError, Running, StallWatch
from legato.transcode.true_peak import TruePeak


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How to encode: to which ladder, with which ffmpeg, on how many cores, how patient."""

    ladder: Ladder
    binary: str
    cores: int
    stall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The encoders' own files, and what was heard of the samples that they were given.

    `peaks` is the document of `legato.transcode.peaks`.
    """

    sample_rate_hz: int
    samples: int
    loudness: Loudness
    peaks: bytes
    files: dict[Rendition, Path]


def encode(
    master: Path,
    probed: Probe,
    folder: Path,
    encoding: Encoding,
    on_samples: Callable[[int], None],
) -> Encoded:
    """Encode a master to every rendition of the ladder, into `folder`.

    The master is decoded once; the samples go to as many encoder processes as there are
    cores, which share the renditions. `on_samples` hears how many have gone; what it raises
    ends the processes. Raises Corrupt `encode_failed` where one of them does.
    """
    rate_hz = delivered_rate_hz(probed.sample_rate_hz)
    decoder = commands.decode_for_encoders(
        encoding.binary, master,
        channels=probed.channels, rate_hz=probed.sample_rate_hz, delivered_rate_hz=rate_hz,
    )  # fmt: skip
    encoders = [
        commands.encode(encoding.binary, group, rate_hz=rate_hz, folder=folder)
        for group in share(encoding.ladder.renditions, encoding.cores)
    ]
    peaks = Peaks(sample_rate_hz=rate_hz, channels=commands.DELIVERED_CHANNELS)
    true_peak = TruePeak(channels=commands.DELIVERED_CHANNELS)

    def hear(block: bytes, size: int) -> None:
        peaks.update(block)
        true_peak.update(block)
        on_samples(size // commands.FRAME_BYTES)

    try:
        size, said = _pump(decoder, encoders, encoding.stall_s, hear)
    except FfmpegFailedError as error:
        raise Corrupt("encode_failed", f"{master.name}: {error}") from error
    samples = size // commands.FRAME_BYTES
    return Encoded(
        sample_rate_hz=rate_hz,
        samples=samples,
        loudness=parse_loudness(said, samples / rate_hz, true_peak.dbtp()),
        peaks=peaks.to_json(),
        files={one: commands.encoded_file(folder, one) for one in encoding.ladder.renditions},
    )


def _pump(
    decoder: Sequence[str],
    encoders: Sequence[Sequence[str]],
    stall_s: float,
    hear: Callable[[bytes, int], None],
) -> tuple[int, str]:
    """Carry what the decoder writes to every encoder; answers how many bytes, and its words.

    `hear` is given each block, and how many bytes there have been.
    The slowest encoder sets the pace, and it never waits: so this is as fast as it alone.
    """
    with ExitStack() as stack:
        source = stack.enter_context(Running(decoder))
        sinks = [stack.enter_context(Running(encoder, feed=True)) for encoder in encoders]
        watch = stack.enter_context(StallWatch(stall_s, [source, *sinks]))
        size = 0
        for block in source.blocks():
            for sink in sinks:
                sink.write(block)
            size += len(block)
            watch.moved()
            hear(block, size)
        source.finish()
        for sink in sinks:
            sink.close_input()
        for sink in sinks:
            sink.finish()
            watch.moved()
        return size, source.said()
