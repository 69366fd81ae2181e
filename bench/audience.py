"""Hundreds of listeners at once, and the origin killed and started again while they listen."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.catalogue import Piece
from bench.player import Player
from bench.tally import WRONG_BYTES, Asked, Ledger, Tally
from bench.venue import Habits, Venue, open_venue
from tests.running import RunningServer

WARM_UP, BEFORE, AWAY, AFTER = "warm-up", "before", "away", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many listen, and for how many seconds at least each phase lasts.

    They arrive, one by one, within the warm-up. `settle_s` after the origin is back, all that
    was asked while it was away has been answered.
    """

    listeners: int = 500
    arrive_s: float = 4.0
    warm_up_s: float = 25.0
    before_s: float = 25.0
    away_s: float = 6.0
    settle_s: float = 1.0
    after_s: float = 20.0
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """What all of them saw; `cpu_share` is the part of a core that the listeners took."""

    plan: Plan
    ledger: Ledger
    cpu_share: float

    @property
    def measured(self) -> Sequence[Tally]:
        """All phases but the warm-up."""
        return self.ledger.phases[1:]

    @property
    def wrong(self) -> int:
        """Bodies with a wrong byte, in any phase."""
        return sum(phase.failures()[WRONG_BYTES] for phase in self.ledger.phases)

    @property
    def hit_ratio(self) -> float:
        answers = sum(phase.media_answers for phase in self.measured)
        return sum(phase.from_cache for phase in self.measured) / max(answers, 1)

    @property
    def stalls(self) -> Counter[Asked]:
        return sum((phase.stalls for phase in self.measured), Counter[Asked]())

    @property
    def given_up(self) -> int:
        return sum(phase.given_up.total() for phase in self.measured)

    def speed(self, phase: Tally) -> float:
        """How many seconds of music each listener was given in a second of the wall's clock."""
        return phase.music_s / phase.wall_s / self.plan.listeners


def listen(
    server: RunningServer, edge_url: str, catalogue: Sequence[Piece], plan: Plan
) -> Listened:
    """Let them listen through the edge of a running origin."""
    return asyncio.run(_listen(server, edge_url, catalogue, plan))


async def _listen(
    server: RunningServer, edge_url: str, catalogue: Sequence[Piece], plan: Plan
) -> Listened:
    async with open_venue(
        edge_url=edge_url, api_key=server.api_key, catalogue=catalogue,
        listeners=plan.listeners, habits=plan.habits,
    ) as venue:  # fmt: skip
        began, used_s = time.perf_counter(), _cpu_s()
        players = [
            asyncio.create_task(Player(number, venue).listen(first_pause_s=plan.arrive_s))
            for number in range(plan.listeners)
        ]
        await _go_through(plan, server, venue)
        cpu_share = (_cpu_s() - used_s) / (time.perf_counter() - began)
        await _leave(players)
        return Listened(plan=plan, ledger=venue.ledger, cpu_share=cpu_share)


async def _go_through(plan: Plan, server: RunningServer, venue: Venue) -> None:
    """One phase after the other; between the second and the fourth the origin is away."""
    ledger = venue.ledger
    await asyncio.sleep(plan.warm_up_s)
    ledger.begin(BEFORE)
    await asyncio.sleep(plan.before_s)
    ledger.begin(AWAY)
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(plan.away_s)
    await asyncio.to_thread(server.start)
    await asyncio.sleep(plan.settle_s)
    ledger.begin(AFTER)
    await asyncio.sleep(plan.after_s)
    ledger.end()


async def _leave(players: Sequence["asyncio.Task[None]"]) -> None:
    """End them all; raises what one of them has ended with by itself."""
    for player in players:
        player.cancel()
    for ended in await asyncio.gather(*players, return_exceptions=True):
        if not isinstance(ended, asyncio.CancelledError):
            raise ended or AssertionError("a listener stopped listening")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
