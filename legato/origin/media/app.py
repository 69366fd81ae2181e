"""The media app: signed addresses in, bytes out. ASGI, with no database behind it."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from legato.errors import BadInput, Forbidden, LegatoError
from legato.origin.asgi import Headers, Receive, Scope, Send, request_headers
from legato.origin.media.access import Access, Allowed
from legato.origin.media.answer import ASKS_MORE, METHODS, Answer, preflight, refusal, respond
from legato.origin.media.descriptions import Descriptions
from legato.origin.media.object_reader import ObjectReader
from legato.origin.media.representation import FROM_MEMORY, Resource, Slice
from legato.storage.object_store import ObjectStore

PREFIXES: Final = ("/t/", "/audio/", "/upto/")


class InterruptedBodyError(Exception):
    """A body broke off: the server must close the connection, so that the client notices."""


class MediaApp:
    """Serves every address of an asset to whoever may fetch it."""

    def __init__(self, store: ObjectStore, access: Access, *, memory_bytes: int) -> None:
        self._access = access
        self._reader = ObjectReader(store, memory_bytes)
        self._descriptions = Descriptions(self._reader)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = scope["method"] == "HEAD"
        try:
            if scope["method"] == "OPTIONS":
                answer = preflight()
            else:
                fields = request_headers(scope)
                resource = await self._find(self._judge(scope, fields))
                block = self._hot(scope, fields, resource)
                if block is not None:
                    await send(resource.plain.start_from_memory)
                    await _end(block, send)
                    return
                answer = respond(scope["method"], fields, resource)
            if not head:
                await self._transmit(answer, receive, send)
                return
        except LegatoError as error:
            answer = refusal(error)
        body = b"" if head else b"".join(piece for piece in answer.body if isinstance(piece, bytes))
        await _start(answer.status, answer.headers, send)
        await _end(body, send)

    def _judge(self, scope: Scope, fields: Mapping[bytes, bytes]) -> Allowed:
        """What a request may have."""
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            raise BadInput("method_not_allowed", f"method {method:.20}: expected {METHODS}")
        if scope["http_version"] == "1.1" and b"," in fields.get(b"host", b","):
            raise BadInput("no_host", "host: expected one, as RFC 9112 §3.2 has it")
        return self._access.judge(scope, fields)

    async def _find(self, allowed: Allowed) -> Resource:
        """What is at an address, if it is within what was granted."""
        resource = self._descriptions.remembered(allowed.asset_id, allowed.rest)
        if resource is None:
            resource = await self._descriptions.find(allowed.asset_id, allowed.rest)
        if resource.needs_bps > allowed.highest_bps:
            raise Forbidden(
                "tier", f"{allowed.rest}: above the {allowed.highest_bps // 1000} kbit/s granted"
            )
        return resource

    def _hot(self, scope: Scope, fields: Mapping[bytes, bytes], resource: Resource) -> bytes | None:
        """The body of a GET of all of a part that is in memory, as most are."""
        if scope["method"] != "GET" or not fields.keys().isdisjoint(ASKS_MORE):
            return None
        return self._reader.remembered_part(resource.plain.content)

    async def _transmit(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Send an answer: at once where its body is in memory, as most are."""
        body = answer.body[0] if len(answer.body) == 1 else b""
        if isinstance(body, Slice):
            block = self._reader.remembered(body)
            if block is not None:
                await _start(answer.status, [*answer.headers, FROM_MEMORY], send)
                await _end(block, send)
                return
        elif len(answer.body) < 2:
            await _start(answer.status, answer.headers, send)
            await _end(body, send)
            return
        await self._stream(answer, receive, send)

    async def _stream(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Send a body from the store piece by piece, for as long as somebody is there for it.

        It begins to be read before the status is sent, so that an error can be told.
        """
        started = time.perf_counter()
        gone = asyncio.ensure_future(_hung_up(receive))
        begun, held_back = False, b""
        try:
            for part in answer.body:
                if isinstance(part, bytes):
                    held_back += part
                    continue
                async for block in self._reader.stream(part):
                    if gone.done():
                        return
                    if not begun:
                        headers = [*answer.headers, _store_timing(started)]
                        await _start(answer.status, headers, send)
                        begun = True
                    await _more(held_back + block if held_back else block, send)
                    held_back = b""
        except LegatoError as error:
            if not begun:
                raise
            raise InterruptedBodyError(error.message) from error
        finally:
            gone.cancel()
        await _end(held_back, send)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(status: int, headers: Headers, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _more(block: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": True})


async def _end(block: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": block})


def _store_timing(started: float) -> tuple[bytes, bytes]:
    """Server-Timing: how long the store took, in milliseconds."""
    return b"server-timing", b"store;dur=%.1f" % ((time.perf_counter() - started) * 1000)
