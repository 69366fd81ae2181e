"""One simulated listener: presses play, fetches manifest and chunks in time, plays the next.

Music that is fetched and not heard yet is the buffer. It fills up to `ahead_s`, as a player's
does, and drains at `speed` times real time; where it has run out before the next chunk is there,
that is a stall, and is blamed on what was waited for the longest.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bench.catalogue import Piece
from bench.client import Client, GaveUp
from bench.venue import Venue
from legato.manifests.manifest import CHUNK_EXTENSIONS, FILE_EXTENSIONS, MANIFEST_FILE

# How many listen at which rate: so that the mean chunk has about 100 kB.
LISTENERS_AT_BPS: Final = {96_000: 3, 160_000: 2, 320_000: 1}

Rendition = Mapping[str, Any]


class Player:
    """Keeps its grants while they are good: a piece that it plays again needs no second `play`."""

    def __init__(self, number: int, venue: Venue) -> None:
        self._venue = venue
        self._client = Client(venue)
        self._random = random.Random(number)  # noqa: S311 - no secret: the same in every run
        self._popularity = venue.popularity()
        self._grants: dict[str, Mapping[str, Any]] = {}
        self._has_played = False
        self._empty_at = 0.0

    async def listen(self, *, first_pause_s: float = 0.0) -> None:
        """Play one piece after the other, for ever; not all begin at once."""
        await asyncio.sleep(self._random.uniform(0, first_pause_s))
        while True:
            [piece] = self._random.choices(self._venue.catalogue, cum_weights=self._popularity)
            await self.play(piece)

    async def play(self, piece: Piece) -> None:
        """Play a piece to its end, or as far as patience reaches."""
        try:
            grant = await self._grant(piece)
            base_url = self._client.at_the_edge(grant["base_url"])
            manifest = json.loads(await self._client.fetch(piece, base_url, MANIFEST_FILE))
            rendition = self._choose(manifest["renditions"], grant["renditions"])
            await self._client.fetch(piece, base_url, _init(rendition))
            for name, music_s in _chunks(manifest, rendition):
                await self._until_there_is_room()
                await self._client.fetch(piece, base_url, name)
                self._keep(music_s)
        except GaveUp:
            self._grants.pop(piece.track_id, None)

    async def _grant(self, piece: Piece) -> Mapping[str, Any]:
        grant = self._grants.get(piece.track_id)
        if grant is None:
            grant = self._grants[piece.track_id] = await self._client.press_play(piece)
        return grant

    def _choose(self, renditions: Sequence[Rendition], granted: Sequence[str]) -> Rendition:
        open_to_us = [one for one in renditions if one["name"] in granted]
        weights = [LISTENERS_AT_BPS[one["nominal_bps"]] for one in open_to_us]
        return self._random.choices(open_to_us, weights)[0]

    async def _until_there_is_room(self) -> None:
        """Wait until less than `ahead_s` of music is ahead."""
        habits = self._venue.habits
        room_at = self._empty_at - habits.ahead_s / habits.speed
        wait_s = room_at - time.perf_counter()
        if self._has_played and wait_s > 0:
            await asyncio.sleep(wait_s)
            self._venue.ledger.now.late.add(time.perf_counter() - room_at)

    def _keep(self, music_s: float) -> None:
        """A chunk has come; if the music had run out by then, somebody heard silence."""
        now, tally = time.perf_counter(), self._venue.ledger.now
        if self._has_played and now > self._empty_at:
            tally.stalls[self._client.most_awaited()] += 1
        self._client.forget_waiting()
        self._has_played = True
        self._empty_at = max(self._empty_at, now) + music_s / self._venue.habits.speed
        tally.chunks += 1
        tally.music_s += music_s


def _init(rendition: Rendition) -> str:
    return f"{rendition['name']}/init{FILE_EXTENSIONS[rendition['codec']]}"


def _chunks(manifest: Mapping[str, Any], rendition: Rendition) -> Iterator[tuple[str, float]]:
    """The name of every chunk, and how long it plays, in seconds."""
    extension = CHUNK_EXTENSIONS[rendition["codec"]]
    for number, samples in enumerate(rendition["chunks"]["samples"]):
        name = f"{rendition['name']}/{number}{extension}"
        yield name, samples / manifest["sample_rate_hz"]
