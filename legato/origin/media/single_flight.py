"""One call for all who ask for the same thing at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final, Generic, TypeVar

from legato.errors import LegatoError, Unavailable

# A store that hangs fills this; who comes after is told at once, and not when it has passed.
MOST_UNDER_WAY: Final = 1024
PATIENCE_S: Final = 30.0

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls that are under way, by key. A call outlives those who asked for it."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}

    async def run(self, key: Hashable, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the call of this key that is under way, or of a new one.

        Raises what the call raises, and Unavailable where it takes too long or too many wait.
        """
        return await self.result(self.start(key, call))

    async def result(self, task: "asyncio.Task[T]") -> T:
        """The result of a call that was started; it may have ended long ago."""
        try:
            return await asyncio.wait_for(asyncio.shield(task), self._patience_s)
        except LegatoError as error:
            raise type(error)(error.code, error.message) from error  # each has one of its own
        except TimeoutError as error:
            raise Unavailable("store_slow", "the object store does not answer in time") from error

    def start(self, key: Hashable, call: Callable[[], Coroutine[Any, Any, T]]) -> "asyncio.Task[T]":
        """The same without waiting for it."""
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= MOST_UNDER_WAY:
                raise Unavailable("store_busy", "too many wait for the object store already")
            task = asyncio.ensure_future(call())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # an error that nobody waits for any more is nobody's to hear
