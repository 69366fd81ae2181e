"""Every chunk decoded alone against the decode of the whole file, sample for sample."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from legato.errors import Unavailable
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

    AAC overlaps its frames, so of a chunk alone the first `warmup_samples` are passed over, but
    for the first; and its last frame may hold padding, which no decoder of a fragmented file
    drops.
    """
    chunks, ahead = entry.chunks, 2 * decoding.cores
    with ThreadPoolExecutor(decoding.cores) as pool, file.open("rb") as source:
        init = source.read(entry.init.size)
        decode = partial(_decode_alone, decoding, source, init, entry)
        pending = deque(pool.submit(decode, index) for index in range(min(ahead, len(chunks))))
        before = whole.read(0)
        for index in range(len(chunks)):
            heard = whole.read(chunks.samples[index])
            if len(heard) < chunks.samples[index]:
                short = f"{entry.name}: the whole file's decode ends {len(heard)} samples into "
                yield Span(heard=heard, findings=(f"{short}chunk {index}",))
                return
            expected = np.concatenate((before, heard))
            findings = tuple(_findings(entry, index, pending.popleft(), expected))
            yield Span(heard=heard, findings=findings)
            if index + ahead < len(chunks):
                pending.append(pool.submit(decode, index + ahead))
            last = index + 1 == len(chunks)
            preroll = 0 if last else chunks.preroll_samples[index + 1]
            before = expected[max(len(expected) - preroll, 0) :]


def priming_samples(file: Path, entry: RenditionEntry) -> int:
    """Samples that are decoded before the first that is presented."""
    if entry.codec == "vorbis":
        return 0
    with file.open("rb") as source:
        return read_init_segment(source.read(entry.init.size)).priming_samples


def _findings(
    entry: RenditionEntry, index: int, future: "Future[Frames]", expected: Frames
) -> Iterator[str]:
    where = f"{entry.name}, chunk {index}"
    try:
        alone = future.result()
    except (FfmpegFailedError, Unavailable) as error:
        yield f"{where}: {error}"
        return
    if not 0 <= len(alone) - len(expected) <= _padding(entry, index):
        yield f"{where}: decodes to {len(alone)} samples, expected {len(expected)}"
        return
    warm = entry.warmup_samples if index else 0
    differ = (alone[: len(expected)] != expected).any(axis=1)[warm:]
    if differ.any():
        first = int(differ.argmax()) + warm
        yield f"{where}: {differ.sum()} samples differ from the whole, the first is {first}"


def _padding(entry: RenditionEntry, index: int) -> int:
    """How many samples may be decoded after the last that is presented."""
    last = index + 1 == len(entry.chunks)
    return AAC_FRAME_SAMPLES - 1 if last and entry.codec == "aac" else 0


def _decode_alone(
    decoding: Decoding, source: BinaryIO, init: bytes, entry: RenditionEntry, index: int
) -> Frames:
    """What the init segment and one chunk decode to, without the priming of the first."""
    span = entry.chunks.fetched(index)
    path = decoding.scratch / f"{entry.name}-{index}"
    path.write_bytes(init + os.pread(source.fileno(), span.size, span.offset))
    try:
        command = commands.decode_rendition(decoding.binary, path, entry.codec)
        frames = frames_of(run(command, timeout_s=_CHUNK_TIMEOUT_S).stdout)
        priming = priming_samples(path, entry) if index == 0 else 0
    finally:
        path.unlink()
    return frames[priming:]
