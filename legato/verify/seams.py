"""Every chunk decoded alone against the decode of the whole file, sample for sample."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from legato.manifests.manifest import RenditionEntry
from legato.packaging.fragment_reader import read_init_segment
from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.packaging.loudness import Loudness
from legato.transcode import commands
from legato.transcode.commands import DELIVERED_CHANNELS
from legato.transcode.encode import FRAME_BYTES
from legato.transcode.loudness import parse_loudness
from legato.transcode.process import BLOCK_SIZE, FfmpegFailedError, Running, StallWatch, run
from legato.transcode.true_peak import TruePeak

_CHUNK_TIMEOUT_S: Final = 60
# Rows of left and right, 32-bit float.
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """With which ffmpeg, how patient, how many at a time, and where scratch may lie."""

    binary: str
    stall_s: float
    cores: int
    scratch: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A chunk's own samples in the decode of the whole file, and what was found against it."""

    heard: Samples
    findings: tuple[str, ...]


class WholeDecode:
    """A command's decode as a stream of samples, and its loudness; a context manager.

    The command is one of those that tell loudness on stderr.
    """

    def __init__(self, decoding: Decoding, command: list[str]) -> None:
        self._true_peak = TruePeak(channels=DELIVERED_CHANNELS)
        self._stack = ExitStack()
        self._process = self._stack.enter_context(Running(command))
        self._watch = self._stack.enter_context(StallWatch(decoding.stall_s, [self._process]))
        self._blocks = self._process.blocks()
        self._rest = b""

    def read(self, samples: int) -> Samples:
        """The next so many samples; fewer at the end."""
        wanted = samples * FRAME_BYTES
        parts, size = [self._rest], len(self._rest)
        while size < wanted and (block := next(self._blocks, b"")):
            self._watch.moved()
            self._true_peak.update(block)
            parts.append(block)
            size += len(block)
        data = b"".join(parts)
        self._rest = data[wanted:]
        return _samples(data[:wanted])

    def loudness(self, duration_s: float) -> Loudness:
        """How loud it was; what has not been read is passed over."""
        while len(self.read(BLOCK_SIZE)):
            pass
        self._process.finish()
        return parse_loudness(self._process.said(), duration_s, self._true_peak.dbtp())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def check_seams(
    decoding: Decoding, whole: WholeDecode, file: Path, entry: RenditionEntry
) -> Iterator[Span]:
    """Every chunk in order, decoded alone and held against its span of the whole.

    AAC overlaps its frames, so of a chunk alone the first `warmup_samples` are passed over;
    and its last frame may hold padding, which no decoder of a fragmented file drops.
    """
    data = file.read_bytes()
    with ThreadPoolExecutor(decoding.cores) as pool:
        alone = [
            pool.submit(_decode_alone, decoding, data, entry, index)
            for index in range(len(entry.chunks))
        ]
        before = whole.read(_priming(data, entry))
        for index, future in enumerate(alone):
            heard = whole.read(entry.chunks.samples[index])
            expected = np.concatenate((before, heard))
            yield Span(heard=heard, findings=tuple(_findings(entry, index, future, expected)))
            last = index + 1 == len(alone)
            preroll = 0 if last else entry.chunks.preroll_samples[index + 1]
            before = expected[len(expected) - preroll :]


def _findings(
    entry: RenditionEntry, index: int, future: "Future[Samples]", expected: Samples
) -> Iterator[str]:
    where = f"{entry.name}, chunk {index}"
    try:
        alone = future.result()
    except FfmpegFailedError as error:
        yield f"{where}: {error}"
        return
    if not 0 <= len(alone) - len(expected) <= _padding(entry, index):
        yield f"{where}: decodes to {len(alone)} samples, expected {len(expected)}"
        return
    differ = (alone[: len(expected)] != expected).any(axis=1)[entry.warmup_samples :]
    if differ.any():
        first = int(differ.argmax()) + entry.warmup_samples
        yield f"{where}: {differ.sum()} samples differ from the whole, the first is {first}"


def _priming(data: bytes, entry: RenditionEntry) -> int:
    """Samples that are decoded before the first that is presented."""
    if entry.codec == "vorbis":
        return 0
    return read_init_segment(data[: entry.init.size]).priming_samples


def _padding(entry: RenditionEntry, index: int) -> int:
    """How many samples may be decoded after the last that is presented."""
    last = index + 1 == len(entry.chunks)
    return AAC_FRAME_SAMPLES - 1 if last and entry.codec == "aac" else 0


def _decode_alone(decoding: Decoding, data: bytes, entry: RenditionEntry, index: int) -> Samples:
    """What the init segment and one chunk decode to."""
    span = entry.chunks.fetched(index)
    path = decoding.scratch / f"{entry.name}-{index}"
    path.write_bytes(data[: entry.init.size] + data[span.offset : span.offset + span.size])
    try:
        command = commands.decode_rendition(decoding.binary, path, entry.codec)
        return _samples(run(command, timeout_s=_CHUNK_TIMEOUT_S).stdout)
    finally:
        path.unlink()


def _samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm[: len(pcm) - len(pcm) % FRAME_BYTES], "<f4").reshape(-1, 2)
