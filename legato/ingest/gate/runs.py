"""Where something holds without a break: found in passing, kept in bounded memory."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Rows of start and end: [start, end).
RunRows = NDArray[np.int64]
MOST_SPANS: Final = 20


class Runs:
    """Runs of true in a row of booleans that comes in parts; positions count from its start."""

    def __init__(self) -> None:
        self._position = 0
        self._open: int | None = None

    @property
    def position(self) -> int:
        """How many booleans have come."""
        return self._position

    @property
    def open_since(self) -> int | None:
        """Where the run started that has not ended yet."""
        return self._open

    def update(self, holds: NDArray[np.bool_]) -> RunRows:
        """Take in more; answers the runs that end in it."""
        edges = np.flatnonzero(np.diff(holds, prepend=self._open is not None)) + self._position
        if self._open is not None:
            edges = np.concatenate(([self._open], edges))
        self._position += len(holds)
        self._open = int(edges[-1]) if len(edges) % 2 else None
        return edges[: len(edges) // 2 * 2].reshape(-1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How often something was found, and where: the first 20 spans of seconds, [start, end)."""

    count: int = 0
    total_s: float = 0.0
    spans: tuple[tuple[float, float], ...] = ()


@dataclass(slots=True, kw_only=True)
class PlacesHeard:
    """Gathers places; what is nearer to the one before than `apart_s` is one span with it."""

    rate_hz: int
    apart_s: float = 0.0
    _count: int = 0
    _frames: int = 0
    _spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, runs: RunRows) -> None:
        """Take in runs of frames, in their order."""
        if not len(runs):
            return
        self._count += len(runs)
        self._frames += int((runs[:, 1] - runs[:, 0]).sum())
        near = runs[1:, 0] - runs[:-1, 1] < self.apart_s * self.rate_hz
        starts = runs[np.concatenate(([True], ~near)), 0]
        ends = runs[np.concatenate((~near, [True])), 1]
        for start, end in zip(starts[:MOST_SPANS].tolist(), ends.tolist(), strict=False):
            self._add_span(start, end)

    def found(self) -> Places:
        return Places(
            count=self._count,
            total_s=round(self._frames / self.rate_hz, 3),
            spans=tuple(
                (round(start / self.rate_hz, 3), round(end / self.rate_hz, 3))
                for start, end in self._spans
            ),
        )

    def _add_span(self, start: int, end: int) -> None:
        joins = bool(self._spans) and start - self._spans[-1][1] < self.apart_s * self.rate_hz
        if joins:
            self._spans[-1] = (self._spans[-1][0], end)
        elif len(self._spans) < MOST_SPANS:
            self._spans.append((start, end))
