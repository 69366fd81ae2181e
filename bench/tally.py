"""What simulated listeners saw, phase by phase."""

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bench.latencies import Latencies

RIGHT: Final = "right"
WRONG_BYTES: Final = "wrong bytes"
# nginx's $upstream_cache_status, where the bytes came out of the cache.
FROM_CACHE: Final = frozenset({"HIT", "STALE", "UPDATING", "REVALIDATED"})
_WRONG_SHOWN: Final = 10


class Asked(StrEnum):
    """What a listener asks for, by whom it needs to get it."""

    PLAY = "play, from the origin"
    KNOWN = "media that the edge has answered before"
    NEW = "media that is new to the edge"


@dataclass(slots=True, kw_only=True)
class Tally:
    """One phase: `outcomes` are RIGHT, WRONG_BYTES, a status that is not 200, or an exception."""

    name: str
    began_s: float = field(default_factory=time.perf_counter)
    ended_s: float = 0.0
    outcomes: Counter[tuple[Asked, str]] = field(default_factory=Counter)
    cache: Counter[str] = field(default_factory=Counter)
    chunks: int = 0
    size_bytes: int = 0
    music_s: float = 0.0
    stalls: Counter[Asked] = field(default_factory=Counter)
    given_up: Counter[Asked] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    play_took: Latencies = field(default_factory=Latencies)
    media_took: Latencies = field(default_factory=Latencies)
    late: Latencies = field(default_factory=Latencies)

    @property
    def wall_s(self) -> float:
        return (self.ended_s or time.perf_counter()) - self.began_s

    @property
    def media_answers(self) -> int:
        return sum(self.cache.values())

    @property
    def from_cache(self) -> int:
        return sum(count for status, count in self.cache.items() if status in FROM_CACHE)

    def failures(self, *asked: Asked) -> Counter[str]:
        """How requests for these kinds of things, or for anything, went wrong."""
        found: Counter[str] = Counter()
        for (kind, outcome), count in self.outcomes.items():
            if outcome != RIGHT and (not asked or kind in asked):
                found[outcome] += count
        return found

    def answered(self, asked: Asked, outcome: str, elapsed_s: float) -> None:
        self.outcomes[asked, outcome] += 1
        if outcome == RIGHT:
            (self.play_took if asked is Asked.PLAY else self.media_took).add(elapsed_s)

    def media_answered(self, address: str, outcome: str, cached: str, size_bytes: int) -> None:
        """Count what the cache did (X-Cache); keep the first few wrong addresses, to look at."""
        self.cache[cached] += 1
        self.size_bytes += size_bytes
        if outcome == WRONG_BYTES and len(self.wrong) < _WRONG_SHOWN:
            self.wrong.append(address)


@dataclass(slots=True)
class Ledger:
    """All phases in their order; what happens is written into the last one."""

    phases: list[Tally] = field(default_factory=lambda: [Tally(name="warm-up")])

    @property
    def now(self) -> Tally:
        return self.phases[-1]

    def begin(self, name: str) -> None:
        self.end()
        self.phases.append(Tally(name=name))

    def end(self) -> None:
        self.now.ended_s = time.perf_counter()

    def phase(self, name: str) -> Tally:
        return next(phase for phase in self.phases if phase.name == name)
