"""What packaging hands on: where each chunk of a rendition lies, in bytes and in samples."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk: its own bytes and samples, and the pre-roll before them.

    A player fetches `[offset - preroll, offset + size)` and gets `preroll_samples` samples
    that come before the chunk, then the chunk's own `samples`.
    """

    offset: int
    size: int
    preroll: int
    preroll_samples: int
    start_sample: int
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkIndex:
    """A packaged file: the size of its init segment (at offset 0), and its chunks in order.

    `warmup_samples` of a chunk that is decoded alone are not yet right; `priming_samples` are
    decoded before the first that is presented.
    """

    init_size: int
    chunks: tuple[Chunk, ...]
    sample_rate_hz: int
    warmup_samples: int
    priming_samples: int = 0

    @property
    def samples(self) -> int:
        return sum(chunk.samples for chunk in self.chunks)
