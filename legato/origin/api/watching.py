"""Watching tracks: whoever wants to know is woken when something changes.

One look at the catalogue a tick, for all tracks that anybody of this process watches, and none
while nobody does. All but the look itself happens on one event loop.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from legato.catalog.track_progress import TrackProgress
from legato.errors import BadInput, Unavailable

EVERY_S: Final = 0.5
_MOST_WATCHERS: Final = 1000
_MOST_OF_A_TENANT: Final = 100

log = structlog.get_logger()


class Look(Protocol):
    def __call__(self, track_ids: Collection[str], /) -> dict[str, TrackProgress]:
        """How far those of the tracks are that there are; it may block. Raises LegatoError."""
        ...


@dataclass(slots=True, eq=False)
class Watcher:
    """Somebody who watches a track: `now` is how far it is, None once it is gone."""

    track_id: str
    tenant_id: str
    now: TrackProgress | None
    over: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, found: TrackProgress | None) -> None:
        """Remember what is so now; what was not asked for since is not missed."""
        if found != self.now:
            self.now = found
            self._changed.set()

    def end(self) -> None:
        """The process stops: there is nothing more to wait for."""
        self.over = True
        self._changed.set()

    async def changed(self, timeout_s: float) -> bool:
        """Wait for the next change; False where there was none in so long."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout_s)
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class Watching:
    """All watchers of a process, and the task that looks for them."""

    def __init__(self, look: Look, every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._watchers: set[Watcher] = set()
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._failing = False

    def __len__(self) -> int:
        return len(self._watchers)

    def begin(self, track: TrackProgress, tenant_id: str) -> Watcher:
        """Watch a track from how far it is on, until `forget`.

        Raises BadInput `too_many_streams` where the tenant watches as many as it may, and
        Unavailable `streams_full` where this process does, or stops.
        """
        of_tenant = sum(watcher.tenant_id == tenant_id for watcher in self._watchers)
        if of_tenant >= _MOST_OF_A_TENANT:
            raise BadInput("too_many_streams", f"found {of_tenant} streams open, expected fewer")
        if self._over or len(self._watchers) >= _MOST_WATCHERS:
            raise Unavailable("streams_full", "no more can be watched here now: come again")
        watcher = Watcher(track.track_id, tenant_id, track)
        self._watchers.add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_while_watched())
        return watcher

    def forget(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    def end(self) -> None:
        """Let every watcher know that this process stops, and take no more."""
        self._over = True
        for watcher in self._watchers:
            watcher.end()

    async def _look_while_watched(self) -> None:
        while self._watchers and not self._over:
            await asyncio.sleep(self._every_s)
            if track_ids := {watcher.track_id for watcher in self._watchers}:
                await self._look_at(track_ids)

    async def _look_at(self, track_ids: Collection[str]) -> None:
        try:
            found = await asyncio.to_thread(self._look, track_ids)
        except Exception:  # they are told when it has passed
            if not self._failing:
                log.exception("tracks_not_read")
            self._failing = True
            return
        self._failing = False
        for watcher in self._watchers:
            if watcher.track_id in track_ids:
                watcher.see(found.get(watcher.track_id))
