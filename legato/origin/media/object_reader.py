"""Reads parts of stored objects: from memory, or from the store with one read for all who ask."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from legato.errors import Corrupt
from legato.origin.media.memory import BoundedMemory
from legato.origin.media.representation import Slice, StoredPart
from legato.origin.media.single_flight import SingleFlight
from legato.storage.object_store import ObjectStore

# What is longer is streamed in pieces of so many bytes, and not kept.
PIECE_BYTES: Final = 1 << 20
_THREADS: Final = 32
# A part's bytes, their key and their place in the memory.
_OVERHEAD_BYTES: Final = 512


class ObjectReader:
    """The store as the event loop sees it: nothing here waits for a disk or a network."""

    def __init__(self, store: ObjectStore, memory_bytes: int) -> None:
        self._store = store
        self._memory: BoundedMemory[StoredPart, bytes] = BoundedMemory(memory_bytes)
        self._reads: SingleFlight[bytes] = SingleFlight()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="read")

    def remembered(self, wanted: Slice) -> bytes | None:
        """The bytes, if they are in memory."""
        found = self._memory.get(wanted.part)
        if found is None or wanted.is_whole:
            return found
        return found[wanted.start : wanted.end]

    def remembered_part(self, content: StoredPart | bytes) -> bytes | None:
        """All of a stored part, if it is in memory; nothing for what is no part of an object."""
        return self._memory.get(content) if isinstance(content, StoredPart) else None

    async def read_object(self, key: str) -> bytes:
        """A whole small object, such as a manifest; not kept."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._store.read, key
        )

    async def stream(self, wanted: Slice) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces, none empty; raises NotFound, Unavailable, Corrupt.

        Of a part that is no longer than a piece all is read and kept, whatever of it is wanted.
        Of a longer one just what is wanted is read, the next piece while one is sent.
        """
        if wanted.part.size <= PIECE_BYTES:
            found = self._memory.get(wanted.part) or await self._keep(wanted.part)
            yield found[wanted.start : wanted.end]
            return
        pieces = _pieces(wanted)
        coming = self._start(pieces[0])
        for following in [*pieces[1:], None]:
            block = await self._reads.result(coming)
            if following is not None:
                coming = self._start(following)  # held on to: it may end before it is wanted
            yield block

    async def _keep(self, part: StoredPart) -> bytes:
        found = await self._reads.result(self._start(part))
        self._memory.keep(part, found, len(found) + _OVERHEAD_BYTES)
        return found

    def _start(self, part: StoredPart) -> "asyncio.Task[bytes]":
        return self._reads.start(part, lambda: self._fetch(part))

    async def _fetch(self, part: StoredPart) -> bytes:
        block = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._store.read, part.key, part.start, part.size
        )
        if len(block) != part.size:
            raise Corrupt(
                "object_short",
                f"object {part.key!r}: found {len(block)} bytes at {part.start}, "
                f"expected {part.size}",
            )
        return block


def _pieces(wanted: Slice) -> list[StoredPart]:
    first, end = wanted.part.start + wanted.start, wanted.part.start + wanted.end
    return [
        StoredPart(key=wanted.part.key, start=start, end=min(start + PIECE_BYTES, end))
        for start in range(first, end, PIECE_BYTES)
    ]
