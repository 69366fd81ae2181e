"""An encoder's AAC file, written anew as one CMAF file whose fragments are the chunks."""

from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from legato.errors import Corrupt
from legato.packaging.chunks import Chunk, ChunkIndex
from legato.packaging.cmaf import FrameRun, fragment, init_segment
from legato.packaging.encoded_aac import EncodedAac, read_encoded_aac
from legato.packaging.grid import AAC_FRAME_SAMPLES, Grid
from legato.packaging.loudness import UNDEFINED, Loudness
from legato.packaging.timescale import Timescale


def package_aac(
    source: BinaryIO, sink: BinaryIO, *, samples: int, loudness: Loudness = UNDEFINED
) -> ChunkIndex:
    """Write the AAC track of the MP4 file `source` to `sink`, a fragment a chunk.

    `samples` is how many the encoder was given. The frames overlap: of a chunk that is
    decoded alone, the first 1024 samples are not yet right. Raises Corrupt where the file
    is damaged or does not present exactly those samples.
    """
    encoded = read_encoded_aac(source)
    presented = encoded.media_samples - encoded.priming_samples
    if presented != samples:
        raise Corrupt("aac_length", f"the AAC track presents {presented} samples, not {samples}")
    timescale = Timescale.for_length(encoded.media_samples, encoded.sample_rate_hz)
    init = init_segment(
        sample_entry=encoded.sample_entry,
        timescale=timescale,
        priming_samples=encoded.priming_samples,
        samples=samples,
        loudness=loudness,
    )
    sink.write(init)
    source.seek(encoded.frames_offset)
    chunks: list[Chunk] = []
    offset = len(init)
    for sequence, (first, end) in enumerate(_frame_spans(encoded), start=1):
        run = _run(encoded, first, end)
        body = fragment(sequence, run, timescale, _frames(source, run))
        sink.write(body)
        chunks.append(_chunk(encoded, first, end, offset, len(body)))
        offset += len(body)
    return ChunkIndex(
        init_size=len(init),
        chunks=tuple(chunks),
        sample_rate_hz=encoded.sample_rate_hz,
        warmup_samples=AAC_FRAME_SAMPLES,
        priming_samples=encoded.priming_samples,
    )


def _frame_spans(encoded: EncodedAac) -> Iterator[tuple[int, int]]:
    """The frames of each chunk. Whether there is a further one is decided by what is heard."""
    presented = encoded.media_samples - encoded.priming_samples
    lines = Grid(sample_rate_hz=encoded.sample_rate_hz).lines(presented)
    cuts = [0, *(line // AAC_FRAME_SAMPLES for line in lines), len(encoded.frame_sizes)]
    yield from pairwise(cuts)


def _run(encoded: EncodedAac, first: int, end: int) -> FrameRun:
    stop = min(end * AAC_FRAME_SAMPLES, encoded.media_samples)
    return FrameRun(
        first_sample=first * AAC_FRAME_SAMPLES,
        sizes=encoded.frame_sizes[first:end],
        last_samples=stop - (end - 1) * AAC_FRAME_SAMPLES,
    )


def _frames(source: BinaryIO, run: FrameRun) -> bytes:
    size = sum(run.sizes)
    frames = source.read(size)
    if len(frames) != size:
        raise Corrupt(
            "mp4_truncated",
            f"mp4 mdat: ends within the {len(run.sizes)} AAC frames from sample "
            f"{run.first_sample} on",
        )
    return frames


def _chunk(encoded: EncodedAac, first: int, end: int, offset: int, size: int) -> Chunk:
    """The chunk on the presented timeline, on which the priming has no place."""
    priming = encoded.priming_samples
    start = max(first * AAC_FRAME_SAMPLES - priming, 0)
    stop = min(end * AAC_FRAME_SAMPLES, encoded.media_samples) - priming
    return Chunk(
        offset=offset,
        size=size,
        preroll=0,
        preroll_samples=0,
        start_sample=start,
        samples=stop - start,
    )
