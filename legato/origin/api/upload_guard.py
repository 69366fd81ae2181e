"""Stands before uploads: the key is asked for, and bytes are counted, before a body is kept."""

import re
from collections.abc import Callable, MutableMapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from legato.errors import BadInput, LegatoError
from legato.origin.asgi import App, Receive, Scope, Send, refuse, request_headers

UPLOAD_PATH: Final = "/v1/tracks"
_REPLACEMENT_PATH: Final = re.compile(r"/v1/tracks/[^/]+/audio")
# Boundaries, headers and the other fields of a form.
_FORM_BYTES: Final = 1 << 20


def is_upload(scope: Scope) -> bool:
    """Whether this sends a form with a master: for a new track, or in the place of another."""
    if scope["type"] != "http":
        return False
    if scope["method"] == "PUT":
        return _REPLACEMENT_PATH.fullmatch(scope["path"]) is not None
    return (scope["method"], scope["path"]) == ("POST", UPLOAD_PATH)


def declared_bytes(scope: Scope) -> int:
    """How long a request says that its body is; 0 where it does not say (RFC 9110 §8.6)."""
    declared = request_headers(scope).get(b"content-length", b"0").decode("latin-1")
    return int(declared[:20]) if declared.isdecimal() else 0


class UploadGuard:
    """Passes everything on but what no upload may be; `authenticate` raises LegatoError."""

    def __init__(
        self, app: App, authenticate: Callable[[str | None], object], max_upload_bytes: int
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._limit = max_upload_bytes + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_upload(scope):
            try:
                await self._check(scope)
            except LegatoError as error:
                await refuse(error, send)
                return
            receive = self._counting(receive)
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        authorization = request_headers(scope).get(b"authorization")
        await run_in_threadpool(
            self._authenticate, authorization.decode("latin-1") if authorization else None
        )
        if declared_bytes(scope) > self._limit:
            raise BadInput("too_large", self._too_large)

    def _counting(self, receive: Receive) -> Receive:
        """A body that comes in pieces, of no declared length, is counted as it comes."""
        taken = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise HTTPException(413, self._too_large)
            return message

        return counted

    @property
    def _too_large(self) -> str:
        most = self._limit - _FORM_BYTES
        return f"found more than {most} bytes, expected at most as many (LEGATO_MAX_UPLOAD_BYTES)"
