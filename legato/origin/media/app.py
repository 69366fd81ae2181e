"""The media app: signed addresses in, bytes out. ASGI, with no database behind it."""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from legato.errors import BadInput, Corrupt, Forbidden, LegatoError, http_status
from legato.manifests.manifest import MANIFEST_FILE, Manifest, asset_key, read_manifest
from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.media.addresses import Media, Text, resolve
from legato.origin.media.byte_ranges import ByteRange, parse_range
from legato.storage.object_store import ObjectStore

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers = list[tuple[bytes, bytes]]

PREFIXES: Final = ("/t/", "/audio/")
_ADDRESS = re.compile(r"/t/([^/]+)/audio/([0-9a-f]{64})/(.+)", re.ASCII)
_BLOCK_SIZE: Final = 1 << 18
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
# A playlist is a function of the manifest and of our code, and our code changes.
_SHORT_LIVED: Final = "public, max-age=60"
_MANIFESTS_KEPT: Final = 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A response whose body is `body`, or `span` bytes of the object `key`."""

    status: int
    headers: Headers
    body: bytes = b""
    key: str | None = None
    part: ByteRange | None = None


class MediaApp:
    """Serves every address of an asset to whoever holds a grant for it."""

    def __init__(self, store: ObjectStore, verifier: PathTokenVerifier) -> None:
        self._store = store
        self._verifier = verifier
        self._manifests: OrderedDict[str, Manifest] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # no method that we answer has a body
        head = scope["method"] == "HEAD"
        try:
            answer = self._answer(scope)
            body = answer.body if head else self._first_block(answer)
        except LegatoError as error:
            answer = _error(error)
            body = answer.body
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        if head:
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._send_body(answer, body, send)

    def _answer(self, scope: Scope) -> _Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return _Answer(status=204, headers=_headers([*_PREFLIGHT, ("content-length", "0")]))
        if method not in ("GET", "HEAD"):
            raise BadInput("method_not_allowed", f"method {method}: expected GET, HEAD, OPTIONS")
        found = _ADDRESS.fullmatch(scope["path"])
        if found is None:
            raise Forbidden("no_token", "this address is not signed: ask for `play`")
        token, asset_id, rest = found.groups()
        grant = self._verifier.verify(token, asset_id)
        target = resolve(self._manifest(asset_id), rest)
        if target.needs_bps > grant.highest_bps:
            raise Forbidden(
                "tier", f"{rest}: above the {grant.highest_bps // 1000} kbit/s of this grant"
            )
        request = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if method != "GET":
            request.pop(b"range", None)  # defined for GET alone (RFC 9110 §14.2)
        if isinstance(target, Text):
            return _text(target, request)
        return _media(target, asset_id, rest, request)

    def _manifest(self, asset_id: str) -> Manifest:
        """The manifest of an asset, from memory or from the store."""
        manifest = self._manifests.get(asset_id)
        if manifest is None:
            manifest = read_manifest(self._store.read(asset_key(asset_id, MANIFEST_FILE)))
            self._manifests[asset_id] = manifest
            if len(self._manifests) > _MANIFESTS_KEPT:
                self._manifests.popitem(last=False)
        else:
            self._manifests.move_to_end(asset_id)
        return manifest

    def _first_block(self, answer: _Answer) -> bytes:
        """How the body begins: read before a word is said, so that an error can still be."""
        if answer.key is None or answer.part is None:
            return answer.body
        return self._read(answer.key, answer.part.start, answer.part.end)

    async def _send_body(self, answer: _Answer, block: bytes, send: Send) -> None:
        """Stream the body from its first block on."""
        if answer.key is None or answer.part is None:
            await send({"type": "http.response.body", "body": block})
            return
        at, end = answer.part.start + len(block), answer.part.end
        while at < end:
            await send({"type": "http.response.body", "body": block, "more_body": True})
            block = self._read(answer.key, at, end)
            at += len(block)
        await send({"type": "http.response.body", "body": block})

    def _read(self, key: str, at: int, end: int) -> bytes:
        """The next block of an object, never empty before its end."""
        block = self._store.read(key, at, min(_BLOCK_SIZE, end - at))
        if not block and at < end:
            raise Corrupt("object_short", f"object {key!r}: ends before byte {end}")
        return block


_CORS: Final = [
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "content-length, content-range, etag"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("timing-allow-origin", "*"),
]
_PREFLIGHT: Final = [
    *_CORS,
    ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
    ("access-control-allow-headers", "range, if-range, if-none-match"),
    ("access-control-max-age", "86400"),
]


def _text(target: Text, request: dict[bytes, str]) -> _Answer:
    """A playlist or manifest; Range is ignored on them (RFC 9110 §14.2 lets us)."""
    etag = f'"{hashlib.sha256(target.body).hexdigest()[:32]}"'  # our code shapes it as well
    common = [("etag", etag), ("cache-control", _SHORT_LIVED), *_CORS]
    if _is_current(request, etag):
        return _Answer(status=304, headers=_headers(common))
    described = [("content-type", target.media_type), ("content-length", str(len(target.body)))]
    return _Answer(status=200, headers=_headers([*described, *common]), body=target.body)


def _media(target: Media, asset_id: str, rest: str, request: dict[bytes, str]) -> _Answer:
    """All of a chunk or file, or one range of it (RFC 9110 §14.2, §15.3.7)."""
    size = target.span.size
    etag = _etag(asset_id, rest, size)
    common = [
        ("etag", etag), ("cache-control", _IMMUTABLE), ("accept-ranges", "bytes"), *_CORS,
    ]  # fmt: skip
    if _is_current(request, etag):
        return _Answer(status=304, headers=_headers(common))
    wanted = None
    if request.get(b"if-range", etag) == etag:
        try:
            wanted = parse_range(request.get(b"range"), size)
        except BadInput as error:
            return _error(error, [("content-range", f"bytes */{size}"), *common])
    chosen = wanted or ByteRange(start=0, end=size)
    described = [("content-type", target.media_type), ("content-length", str(chosen.size))]
    if wanted is not None:
        described.append(("content-range", wanted.content_range(size)))
    offset = target.span.offset
    return _Answer(
        status=200 if wanted is None else 206,
        headers=_headers([*described, *common]),
        key=asset_key(asset_id, target.file),
        part=ByteRange(start=offset + chosen.start, end=offset + chosen.end),
    )


def _error(error: LegatoError, more: Iterable[tuple[str, str]] = _CORS) -> _Answer:
    """A small JSON error, which no cache may keep."""
    status = http_status(error)
    if status >= 500:
        log.error("media_failed", code=error.code, error=error.message)
    body = json.dumps({"error": {"code": error.code, "message": error.message}}).encode()
    headers = [(name, value) for name, value in more if name not in ("etag", "cache-control")]
    headers += [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
    ]
    if status == 405:
        headers.append(("allow", "GET, HEAD, OPTIONS"))
    return _Answer(status=status, headers=_headers(headers), body=body)


def _etag(asset_id: str, rest: str, size: int) -> str:
    """Strong (RFC 9110 §8.8.1): the asset id is a hash over every byte that it delivers."""
    return f'"{asset_id[:32]}-{rest.replace("/", "-")}-{size:x}"'


def _is_current(request: dict[bytes, str], etag: str) -> bool:
    """Whether If-None-Match names what we have; the comparison is weak (RFC 9110 §13.1.2)."""
    header = request.get(b"if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or etag in (
        tag.strip().removeprefix("W/") for tag in header.split(",")
    )


def _headers(pairs: Iterable[tuple[str, str]]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs]
