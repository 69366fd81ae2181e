"""Reads parts of stored objects: from memory, or from the store with one read for all who ask."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from legato.errors import Corrupt
from legato.origin.media.memory import BoundedMemory
from legato.origin.media.representation import StoredPart
from legato.storage.object_store import ObjectStore

# What is longer is streamed in pieces of so many bytes, and not kept.
PIECE_BYTES: Final = 1 << 20
_THREADS: Final = 32
# A part's bytes, their key and their place in the memory.
_OVERHEAD_BYTES: Final = 512

T = TypeVar("T")


class ObjectReader:
    """The store as the event loop sees it: nothing here waits for a disk or a network."""

    def __init__(self, store: ObjectStore, memory_bytes: int) -> None:
        self._store = store
        self._memory: BoundedMemory[StoredPart, bytes] = BoundedMemory(memory_bytes)
        self._under_way: dict[object, asyncio.Task[bytes]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="read")

    def remembered(self, part: StoredPart) -> bytes | None:
        """The part, if it is in memory."""
        return self._memory.get(part)

    async def read(self, part: StoredPart) -> bytes:
        """A part of at most a piece; kept in memory. Raises NotFound, Unavailable, Corrupt."""
        found = self._memory.get(part)
        if found is None:
            found = await self._together(part, lambda: self._fetch(part))
            self._memory.keep(part, found, len(found) + _OVERHEAD_BYTES)
        return found

    async def read_object(self, key: str) -> bytes:
        """A whole small object, such as a manifest; not kept."""
        return await self._together(key, lambda: self._in_thread(lambda: self._store.read(key)))

    async def stream(self, part: StoredPart) -> AsyncGenerator[bytes, None]:
        """A long part piece by piece, the next one read while one is sent."""
        pieces = _pieces(part)
        coming = self._start(pieces[0])
        try:
            for following in [*pieces[1:], None]:
                block = await asyncio.shield(coming)
                if following is not None:
                    coming = self._start(following)
                yield block
        finally:
            coming.add_done_callback(_look_at)

    def _start(self, piece: StoredPart) -> "asyncio.Task[bytes]":
        return self._shared(piece, lambda: self._fetch(piece))

    async def _together(self, key: object, fetch: Callable[[], Awaitable[bytes]]) -> bytes:
        return await asyncio.shield(self._shared(key, fetch))

    def _shared(self, key: object, fetch: Callable[[], Awaitable[bytes]]) -> "asyncio.Task[bytes]":
        """The read of this key that is under way, or a new one; it outlives those who ask."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(fetch))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: object, task: "asyncio.Task[bytes]") -> None:
        self._under_way.pop(key, None)
        _look_at(task)

    async def _fetch(self, part: StoredPart) -> bytes:
        block = await self._in_thread(
            lambda: self._store.read(part.key, part.start, part.end - part.start)
        )
        if len(block) != part.size:
            raise Corrupt(
                "object_short",
                f"object {part.key!r}: found {len(block)} bytes at {part.start}, "
                f"expected {part.size}",
            )
        return block

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _pieces(part: StoredPart) -> list[StoredPart]:
    starts = range(part.start, part.end, PIECE_BYTES)
    return [
        StoredPart(key=part.key, start=start, end=min(start + PIECE_BYTES, part.end))
        for start in starts
    ]


async def _awaited(fetch: Callable[[], Awaitable[bytes]]) -> bytes:
    return await fetch()


def _look_at(task: "asyncio.Task[bytes]") -> None:
    """An error that nobody waited for is nobody's to hear."""
    if not task.cancelled():
        task.exception()
