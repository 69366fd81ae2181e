"""Stands before uploads: the key is asked for, and bytes are counted, before a body is kept."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from legato.errors import BadInput, LegatoError, http_status
from legato.origin.media.app import Receive, Scope, Send

UPLOAD_PATH: Final = "/v1/tracks"
# Boundaries, headers and the other fields of a form.
_FORM_BYTES: Final = 1 << 20

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class UploadGuard:
    """Passes everything on but what no upload may be; `authenticate` raises LegatoError."""

    def __init__(
        self, app: App, authenticate: Callable[[str | None], str], max_upload_bytes: int
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._limit = max_upload_bytes + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = scope["type"] == "http" and scope["method"] == "POST"
        if upload and scope["path"] == UPLOAD_PATH:
            try:
                await self._check(scope)
            except LegatoError as error:
                await _refuse(error, send)
                return
            receive = self._counting(receive)
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        await run_in_threadpool(self._authenticate, headers.get(b"authorization"))
        declared = headers.get(b"content-length", "0")
        if declared.isdecimal() and int(declared[:20]) > self._limit:
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


async def _refuse(error: LegatoError, send: Send) -> None:
    body = json.dumps({"error": {"code": error.code, "message": error.message}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if http_status(error) == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": http_status(error), "headers": headers})
    await send({"type": "http.response.body", "body": body})
