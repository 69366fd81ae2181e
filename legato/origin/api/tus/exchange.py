"""One request of a tus client and its answer."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from legato.errors import LegatoError
from legato.origin.api.tus.body import Body, open_body
from legato.origin.api.tus.protocol import VERSION, Fields, TusRequest
from legato.origin.asgi import Receive, Scope, Send, encoded, refuse

# A client that has not sent all hears a refusal only if its line is not closed at once.
_LINGER_S: Final = 1.0


class Exchange:
    """A request, its body once that is asked for, and the one answer."""

    def __init__(self, request: TusRequest, scope: Scope, receive: Receive, send: Send) -> None:
        self.request = request
        self.body: Body | None = None
        self._scope = scope
        self._receive = receive
        self._send = send

    async def open_body(self) -> Body:
        self.body = await open_body(self._scope, self._receive, self.request.body_size)
        return self.body

    @property
    def cut(self) -> bool:
        """Whether the line was cut before all of the body had come: nobody hears an answer."""
        return self.body is not None and not self.body.whole

    async def answer(self, status: int, fields: Fields) -> None:
        """Answer without a body."""
        length = [] if status == 204 else [("content-length", "0")]
        headers = encoded([("tus-resumable", VERSION), *fields, *length])
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})

    async def refuse(self, error: LegatoError, fields: Iterable[tuple[str, str]]) -> None:
        """Answer with an error; a body that was begun and not read ends the connection."""
        closing = []
        if self.body is not None and self.cut:
            await _discard(self.body)
            closing = [("connection", "close")]
        await refuse(error, self._send, [("tus-resumable", VERSION), *fields, *closing])


async def _discard(body: Body) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while (batch := await body.next()) is not None:
                batch.done()
