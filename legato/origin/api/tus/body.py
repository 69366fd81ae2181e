"""A request's body in batches, as a port: from ASGI's messages, or straight from the socket."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from legato.origin.asgi import Message, Receive, Scope

BATCH_BYTES: Final = 1 << 20
# What has come is handed on after so long, full batch or not: it is safer on the disk.
LINGER_S: Final = 1.0
# The name under which a server offers its way straight from the socket (ASGI, "Extensions"):
# called with the beginning of the body and the size of the rest, it answers a Body.
STRAIGHT_BODY: Final = "legato.straight_body"


def nothing() -> None:
    """Nobody waits for this batch's memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some of a body; its memory may be used again once `done` has been called, on the loop."""

    data: memoryview
    done: Callable[[], None] = nothing


class Body(Protocol):
    """A body as it comes. Memory is bounded: what is not taken is not read."""

    @property
    def whole(self) -> bool:
        """Whether all of it has come."""
        ...

    async def next(self) -> Batch | None:
        """What comes next, at most BATCH_BYTES; None after the last, and where the line is cut.

        Cancelled, it loses nothing: `rest` has it.
        """
        ...

    def rest(self) -> list[Batch]:
        """What has come and was not taken."""
        ...


async def open_body(scope: Scope, receive: Receive, size: int | None) -> Body:
    """The body of a request, of a known size or not, as soon as it begins to come."""
    begin = await receive()
    straight = scope.get("extensions", {}).get(STRAIGHT_BODY)
    if straight is None or size is None or not begin.get("more_body", False):
        return MessageBody(receive, begin)
    data: bytes = begin["body"]
    body: Body = straight(data, size - len(data))
    return body


class MessageBody:
    """A body from ASGI's messages."""

    def __init__(self, receive: Receive, begin: Message) -> None:
        self._receive = receive
        self._pieces: list[bytes] = []
        self._size = 0
        self._more = True
        self.whole = False
        self._hear(begin)

    async def next(self) -> Batch | None:
        if not self._size and self._more:
            self._hear(await self._receive())
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while self._more and self._size < BATCH_BYTES:
                    self._hear(await self._receive())
        return next(iter(self.rest()), None)

    def rest(self) -> list[Batch]:
        if not self._size:
            return []
        data = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        return [Batch(memoryview(data))]

    def _hear(self, message: Message) -> None:
        cut = message["type"] != "http.request"
        self._more = not cut and message.get("more_body", False)
        self.whole = not cut and not self._more
        if data := message.get("body", b""):
            self._pieces.append(data)
            self._size += len(data)
