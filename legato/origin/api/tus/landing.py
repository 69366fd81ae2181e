"""Where batches go: several kinds of work on each, side by side, off the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from threading import Lock
from typing import Final

from legato.errors import BadInput
from legato.origin.api.tus.body import Batch

Work = Callable[[memoryview], None]

# Batches in work at a time, of one body.
_IN_WORK: Final = 3


class Lane:
    """One kind of work, on one batch after the other; it has a thread only while there is any.

    After an error nothing more is done. `done` is called for each, in whatever thread.
    """

    def __init__(self, executor: Executor, work: Work, done: Callable[[Batch], None]) -> None:
        self._executor = executor
        self._work = work
        self._done = done
        self._waiting: deque[Batch] = deque()
        self._busy = False
        self._lock = Lock()
        self.error: Exception | None = None

    def put(self, batch: Batch) -> None:
        with self._lock:
            self._waiting.append(batch)
            if self._busy:
                return
            self._busy = True
        self._executor.submit(self._one)

    def _one(self) -> None:
        with self._lock:
            batch = self._waiting.popleft()
        try:
            if self.error is None:
                self._work(batch.data)
        except Exception as error:  # noqa: BLE001 - whoever settles raises it
            self.error = error
        self._done(batch)
        with self._lock:
            self._busy = bool(self._waiting)
            if not self._busy:
                return
        self._executor.submit(self._one)  # behind what others wait for


class Landing:
    """Brings each batch of one body to every lane; for one task of the event loop."""

    def __init__(self, executor: Executor, works: Sequence[Work], most_bytes: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = most_bytes
        self._lanes = [Lane(executor, work, self._done_somewhere) for work in works]
        self._missing: dict[Batch, int] = {}
        self._moved = asyncio.Event()

    async def room(self) -> None:
        """Wait until another batch may come; raises what a lane has met."""
        await self._wait_until_in_work(_IN_WORK - 1)
        self._raise_error()

    def put(self, batch: Batch) -> None:
        """Begin work on a batch; raises BadInput `too_large` for more than there may be."""
        self._left -= len(batch.data)
        if self._left < 0:
            batch.done()
            raise BadInput("too_large", "the body: found more bytes than the upload still lacks")
        self._missing[batch] = len(self._lanes)
        for lane in self._lanes:
            lane.put(batch)

    async def settle(self) -> None:
        """Wait until all work is done; raises what a lane has met.

        Cancelled, however often, it waits all the same: what the lanes write to is let go of next.
        """
        cancelled: asyncio.CancelledError | None = None
        while self._missing:
            try:
                await self._wait_until_in_work(0)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        self._raise_error()

    async def _wait_until_in_work(self, most: int) -> None:
        while len(self._missing) > most:
            self._moved.clear()
            await self._moved.wait()

    def _raise_error(self) -> None:
        for lane in self._lanes:
            if lane.error is not None:
                raise lane.error

    def _done_somewhere(self, batch: Batch) -> None:
        self._loop.call_soon_threadsafe(self._done_in_one_lane, batch)

    def _done_in_one_lane(self, batch: Batch) -> None:
        self._missing[batch] -= 1
        if not self._missing[batch]:
            del self._missing[batch]
            batch.done()
            self._moved.set()
