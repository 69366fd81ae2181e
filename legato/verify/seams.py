"""Every chunk decoded alone against the decode of the whole file, sample for sample."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from legato.manifests.manifest import RenditionEntry
from legato.packaging.fragment_reader import read_init_segment
from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.transcode import commands
from legato.transcode.process import FfmpegFailedError, run
from legato.transcode.whole_decode import Frames, WholeDecode, frames_of

_CHUNK_TIMEOUT_S: Final = 60


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

    heard: Frames
    findings: tuple[str, ...]


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
    entry: RenditionEntry, index: int, future: "Future[Frames]", expected: Frames
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


def _decode_alone(decoding: Decoding, data: bytes, entry: RenditionEntry, index: int) -> Frames:
    """What the init segment and one chunk decode to."""
    span = entry.chunks.fetched(index)
    path = decoding.scratch / f"{entry.name}-{index}"
    path.write_bytes(data[: entry.init.size] + data[span.offset : span.offset + span.size])
    try:
        command = commands.decode_rendition(decoding.binary, path, entry.codec)
        return frames_of(run(command, timeout_s=_CHUNK_TIMEOUT_S).stdout)
    finally:
        path.unlink()
