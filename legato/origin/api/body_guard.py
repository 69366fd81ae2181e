"""Stands before the API's small requests: a body is bounded in bytes, and may not stand still."""

import asyncio
import re
from typing import Final

from legato.errors import BadInput
from legato.origin.api.tus.protocol import PATH as TUS_PATH
from legato.origin.api.upload_guard import declared_bytes, is_upload
from legato.origin.asgi import App, Message, Receive, Scope, Send, refuse

MOST_BYTES: Final = 2 << 20
STALL_S: Final = 30.0
_GUARDED: Final = ("/v1/", "/edge/")
_ARTWORK_PATH: Final = re.compile(r"/v1/tracks/[^/]+/artwork")
# What has not been read of a body is never waited for.
_LAST: Final = (("connection", "close"),)


def _is_guarded(scope: Scope) -> bool:
    """Whether the body may be no master, part of one or image, which have bounds of their own."""
    if scope["type"] != "http" or not scope["path"].startswith(_GUARDED):
        return False
    is_artwork = scope["method"] == "PUT" and _ARTWORK_PATH.fullmatch(scope["path"])
    return not (is_artwork or is_upload(scope) or scope["path"].startswith(TUS_PATH))


class BodyGuard:
    """Passes everything on but bodies of more than MOST_BYTES, or that stand still for `stall_s`.

    To the application, whoever sends one has left; its answer gives way to the refusal.
    """

    def __init__(self, app: App, stall_s: float = STALL_S) -> None:
        self._app = app
        self._stall_s = stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_guarded(scope):
            await self._app(scope, receive, send)
        elif declared_bytes(scope) > MOST_BYTES:
            await refuse(_too_large(), send, _LAST)
        else:
            exchange = _Exchange(receive, send, self._stall_s)
            await self._app(scope, exchange.receive, exchange.send)
            await exchange.end()


class _Exchange:
    """A request whose body is watched as it comes, and its answer."""

    def __init__(self, receive: Receive, send: Send, stall_s: float) -> None:
        self._receive = receive
        self._send = send
        self._stall_s = stall_s
        self._left = MOST_BYTES
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
            await refuse(self._refusal, self._send, _LAST)

    async def _next(self) -> Message:
        """Raises BadInput `too_large`, `body_stalled`."""
        try:
            async with asyncio.timeout(self._stall_s):
                message = await self._receive()
        except TimeoutError as error:
            raise BadInput(
                "body_stalled",
                f"the body: found nothing of it in {self._stall_s:g} s, expected the rest",
            ) from error
        self._left -= len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._left < 0:
            raise _too_large()
        return message


def _too_large() -> BadInput:
    return BadInput(
        "too_large", f"the body: found more than {MOST_BYTES} bytes, expected at most as many"
    )
