"""The ladder: which renditions are made of every recording. It is data."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, Literal

Codec = Literal["vorbis", "aac"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One encoded form. `cost` is its share of an encode's CPU, for laying it on cores."""

    name: str
    codec: Codec
    nominal_bps: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """All renditions that are made; another set of them is another revision."""

    revision: str
    renditions: tuple[Rendition, ...]


# Costs are tenths of CPU seconds for 210 s of orchestral music, ffmpeg 5.1 (docs/decisions/0004).
LADDER: Final = Ladder(
    revision="r1",
    renditions=(
        Rendition(name="vorbis-96", codec="vorbis", nominal_bps=96_000, cost=25),
        Rendition(name="vorbis-160", codec="vorbis", nominal_bps=160_000, cost=20),
        Rendition(name="vorbis-320", codec="vorbis", nominal_bps=320_000, cost=21),
        Rendition(name="aac-96", codec="aac", nominal_bps=96_000, cost=26),
        Rendition(name="aac-160", codec="aac", nominal_bps=160_000, cost=24),
        Rendition(name="aac-320", codec="aac", nominal_bps=320_000, cost=39),
    ),
)


def delivered_rate_hz(master_rate_hz: int) -> int:
    """44.1 kHz for the masters of its family, 48 kHz for all others."""
    return 44_100 if master_rate_hz % 11_025 == 0 else 48_000


@cache
def share(renditions: tuple[Rendition, ...], processes: int) -> tuple[tuple[Rendition, ...], ...]:
    """Lay the renditions on at most so many processes so that the busiest has least to do.

    Every way of laying them is tried: six renditions have few.
    """
    if processes >= len(renditions):
        return tuple((rendition,) for rendition in renditions)
    ways = product(range(processes), repeat=len(renditions))
    best = min(ways, key=lambda way: _busiest(renditions, way, processes))
    groups = (
        [r for r, at in zip(renditions, best, strict=True) if at == i] for i in range(processes)
    )
    return tuple(tuple(group) for group in groups if group)


def _busiest(renditions: tuple[Rendition, ...], way: tuple[int, ...], processes: int) -> int:
    work = [0] * processes
    for rendition, process in zip(renditions, way, strict=True):
        work[process] += rendition.cost
    return max(work)
