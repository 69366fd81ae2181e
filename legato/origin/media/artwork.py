"""`/artwork/{id}/{size}.jpg`: covers, for anybody. ASGI, with no database behind it."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from legato.catalog.objects.artworks import artwork_key
from legato.errors import BadInput, LegatoError, NotFound
from legato.origin.asgi import Receive, Scope, Send, request_headers
from legato.origin.media.answer import METHODS, Answer, preflight, refusal, respond
from legato.origin.media.memory import BoundedMemory
from legato.origin.media.representation import IMMUTABLE, Representation, Resource
from legato.origin.media.single_flight import SingleFlight
from legato.storage.object_store import ObjectStore

ARTWORK_PREFIX: Final = "/artwork/"
_ADDRESS: Final = re.compile(r"/artwork/([0-9a-f]{64})/([1-9][0-9]{1,4})\.jpg", re.ASCII)
# Of covers that are asked for often; an edge keeps the rest.
_MEMORY_BYTES: Final = 16 << 20
_THREADS: Final = 4


class ArtworkApp:
    """Serves covers as they are stored. Nobody has to show a grant: a cover is a shop window."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._memory: BoundedMemory[tuple[str, int], Resource] = BoundedMemory(_MEMORY_BYTES)
        self._reads: SingleFlight[Resource] = SingleFlight()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="artwork")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        answer = await self._answer(scope)
        body = b"".join(piece for piece in answer.body if isinstance(piece, bytes))
        if scope["method"] == "HEAD":
            body = b""
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return preflight()
        try:
            if method not in ("GET", "HEAD"):
                raise BadInput("method_not_allowed", f"method {method:.20}: expected {METHODS}")
            resource = await self._find(scope["path"])
            return respond(method, request_headers(scope), resource)
        except LegatoError as error:
            return refusal(error)

    async def _find(self, path: str) -> Resource:
        """Raises NotFound `no_artwork`, Unavailable."""
        address = _ADDRESS.fullmatch(path)
        if address is None:
            raise NotFound("no_artwork", "no artwork can have this address")
        artwork_id, size = address[1], int(address[2])
        found = self._memory.get((artwork_id, size))
        return found or await self._reads.run(
            (artwork_id, size), lambda: self._read(artwork_id, size)
        )

    async def _read(self, artwork_id: str, size: int) -> Resource:
        loop, key = asyncio.get_running_loop(), artwork_key(artwork_id, size)
        try:
            jpeg = await loop.run_in_executor(self._threads, self._store.read, key)
        except NotFound as error:
            raise NotFound("no_artwork", f"artwork {artwork_id}: not of {size} pixels") from error
        resource = _described(artwork_id, size, jpeg)
        self._memory.keep((artwork_id, size), resource, resource.weight_bytes)
        return resource


def _described(artwork_id: str, size: int, jpeg: bytes) -> Resource:
    """The tag is strong: an artwork's id is the hash of its largest square, and so of all."""
    return Resource(
        needs_bps=0,
        plain=Representation(
            content=jpeg,
            media_type="image/jpeg",
            etag=f'"{artwork_id[:32]}-{size}"',
            cache_control=IMMUTABLE,
            tag=artwork_id,
        ),
    )
