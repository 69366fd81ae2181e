"""What all simulated listeners share: where they ask, what there is to hear, how they listen."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from bench.catalogue import Piece
from bench.tally import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How they listen. `ahead_s` is seconds of music, the others are on the wall's clock."""

    speed: float = 20.0
    ahead_s: float = 30.0
    timeout_s: float = 5.0
    patience_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """`known` are the addresses that the edge has answered already, `{asset_id}/{address}`."""

    http: ClientSession
    edge_url: str
    api_key: str
    catalogue: Sequence[Piece]
    habits: Habits
    ledger: Ledger = field(default_factory=Ledger)
    known: set[str] = field(default_factory=set)

    def popularity(self) -> list[float]:
        """Weights by Zipf's law, summed up: the n-th piece is heard 1/n as often as the first."""
        return list(accumulate(1 / rank for rank in range(1, len(self.catalogue) + 1)))


@asynccontextmanager
async def open_venue(
    *,
    edge_url: str,
    api_key: str,
    catalogue: Sequence[Piece],
    listeners: int,
    habits: Habits,
) -> AsyncIterator[Venue]:
    """A venue with a kept-alive connection for each listener."""
    http = ClientSession(
        connector=TCPConnector(limit=listeners),
        timeout=ClientTimeout(total=habits.timeout_s),
        cookie_jar=DummyCookieJar(),
    )
    async with http:
        yield Venue(
            http=http,
            edge_url=edge_url,
            api_key=api_key,
            catalogue=catalogue,
            habits=habits,
        )
