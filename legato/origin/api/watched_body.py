"""A request whose body is watched as it comes: bounded in bytes, it may not stand still."""

import asyncio
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.origin.asgi import App, Message, Receive, Scope, Send, refuse

# What has not been read of a body is never waited for.
LAST: Final = (("connection", "close"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many bytes a body may have, and for how long nothing of it may come."""

    most_bytes: int
    stall_s: float
    named: str = "the body"

    def too_large(self) -> BadInput:
        return BadInput(
            "too_large",
            f"{self.named}: found more than {self.most_bytes} bytes, expected at most as many",
        )

    def stalled(self) -> BadInput:
        return BadInput(
            "body_stalled",
            f"{self.named}: found nothing of it in {self.stall_s:g} s, expected the rest",
        )


async def pass_on_watched(
    app: App, scope: Scope, receive: Receive, send: Send, bounds: Bounds
) -> None:
    """Let `app` answer a request, whose body is refused where it leaves its bounds.

    To `app`, whoever sends such a one has left; its answer gives way to the refusal.
    """
    body = _WatchedBody(receive, send, bounds)
    await app(scope, body.receive, body.send)
    await body.end()


class _WatchedBody:
    """A request's messages and its answer's."""

    def __init__(self, receive: Receive, send: Send, bounds: Bounds) -> None:
        self._receive = receive
        self._send = send
        self._bounds = bounds
        self._left = bounds.most_bytes
        self._whole = False
        self._answered = False
        self._refusal: BadInput | None = None

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()  # that the sender leaves may take as long as it likes
        if self._refusal is None:
            try:
                return await self._next()
            except BadInput as error:
                self._refusal = error
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._refusal is None or self._answered:
            self._answered = True
            await self._send(message)

    async def end(self) -> None:
        """Refuse what has to be, unless it has been answered."""
        if self._refusal is not None and not self._answered:
            await refuse(self._refusal, self._send, LAST)

    async def _next(self) -> Message:
        """Raises BadInput `too_large`, `body_stalled`."""
        try:
            async with asyncio.timeout(self._bounds.stall_s):
                message = await self._receive()
        except TimeoutError as error:
            raise self._bounds.stalled() from error
        self._left -= len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._left < 0:
            raise self._bounds.too_large()
        return message
