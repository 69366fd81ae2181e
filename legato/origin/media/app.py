"""The media app: signed addresses in, bytes out. ASGI, with no database behind it."""

import time
from typing import Final

from legato.errors import BadInput, Forbidden, LegatoError
from legato.manifests.manifest import MANIFEST_FILE, Manifest, asset_key, read_manifest
from legato.origin.asgi import Headers, Receive, Scope, Send, request_headers
from legato.origin.media.access import Access, Allowed
from legato.origin.media.addresses import resolve
from legato.origin.media.answer import METHODS, Answer, preflight, refusal, respond
from legato.origin.media.memory import BoundedMemory
from legato.origin.media.object_reader import PIECE_BYTES, ObjectReader
from legato.origin.media.representation import Resource, StoredPart, describe
from legato.storage.object_store import ObjectStore

PREFIXES: Final = ("/t/", "/audio/", "/upto/")
_RESOURCES_BYTES: Final = 64 << 20
_MANIFESTS_BYTES: Final = 64 << 20
# A manifest as objects takes about so many times its JSON.
_PARSED: Final = 8
_FROM_MEMORY: Final = (b"server-timing", b"memory")


class MediaApp:
    """Serves every address of an asset to whoever may fetch it."""

    def __init__(self, store: ObjectStore, access: Access, *, memory_bytes: int) -> None:
        self._access = access
        self._reader = ObjectReader(store, memory_bytes)
        self._resources: BoundedMemory[tuple[str, str], Resource] = BoundedMemory(_RESOURCES_BYTES)
        self._manifests: BoundedMemory[str, Manifest] = BoundedMemory(_MANIFESTS_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # no method that we answer has a body
        head = scope["method"] == "HEAD"
        try:
            answer = await self._answer(scope)
            if not head:
                await self._transmit(answer, send)
                return
        except LegatoError as error:
            answer = refusal(error)
        await _start(answer.status, answer.headers, send)
        body = b"" if head else b"".join(piece for piece in answer.body if isinstance(piece, bytes))
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return preflight()
        if method not in ("GET", "HEAD"):
            raise BadInput("method_not_allowed", f"method {method:.20}: expected {METHODS}")
        fields = request_headers(scope)
        allowed = self._access.judge(scope, fields)
        resource = self._resources.get((allowed.asset_id, allowed.rest))
        if resource is None:
            resource = await self._describe(allowed)
        if resource.needs_bps > allowed.highest_bps:
            raise Forbidden(
                "tier", f"{allowed.rest}: above the {allowed.highest_bps // 1000} kbit/s granted"
            )
        return respond(method, fields, resource)

    async def _describe(self, allowed: Allowed) -> Resource:
        asset_id, rest = allowed.asset_id, allowed.rest
        resource = describe(asset_id, rest, resolve(await self._manifest(asset_id), rest))
        self._resources.keep((asset_id, rest), resource, resource.weight_bytes)
        return resource

    async def _manifest(self, asset_id: str) -> Manifest:
        """The manifest of an asset, from memory or from the store."""
        manifest = self._manifests.get(asset_id)
        if manifest is None:
            stored = await self._reader.read_object(asset_key(asset_id, MANIFEST_FILE))
            manifest = read_manifest(stored)
            self._manifests.keep(asset_id, manifest, _PARSED * len(stored))
        return manifest

    async def _transmit(self, answer: Answer, send: Send) -> None:
        """Send an answer; its body's beginning is read first, so that an error can be told."""
        if len(answer.body) != 1:
            await self._transmit_pieces(answer, send)
            return
        [body] = answer.body
        headers = answer.headers
        if isinstance(body, StoredPart):
            block = self._reader.remembered(body)
            if block is None:
                if body.size > PIECE_BYTES:
                    await self._transmit_pieces(answer, send)
                    return
                started = time.perf_counter()
                block = await self._reader.read(body)
                headers = [*headers, _store_timing(started)]
            else:
                headers = [*headers, _FROM_MEMORY]
            body = block
        await _start(answer.status, headers, send)
        await send({"type": "http.response.body", "body": body})

    async def _transmit_pieces(self, answer: Answer, send: Send) -> None:
        """A long body, or one of several parts, piece by piece."""
        started = time.perf_counter()
        begun, held_back = False, b""
        for part in answer.body:
            if isinstance(part, bytes):
                held_back += part
                continue
            try:
                async for block in self._reader.stream(part):
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
        if not begun:
            await _start(answer.status, answer.headers, send)
        await send({"type": "http.response.body", "body": held_back})


class InterruptedBodyError(Exception):
    """A body broke off: the server must close the connection, so that the client notices."""


async def _start(status: int, headers: Headers, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _more(block: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": True})


def _store_timing(started: float) -> tuple[bytes, bytes]:
    """Server-Timing: how long the store took, in milliseconds."""
    return b"server-timing", b"store;dur=%.1f" % ((time.perf_counter() - started) * 1000)
