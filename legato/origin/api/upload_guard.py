"""Stands before uploads as forms: asks for a key, then a turn, then the body, which is watched."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from starlette.concurrency import run_in_threadpool

from legato.catalog.accounts.api_keys import KeyHolder
from legato.errors import LegatoError
from legato.origin.api.form_turns import FormTurns
from legato.origin.api.tus.writers import STALL_S
from legato.origin.api.watched_body import Bounds, pass_on_watched
from legato.origin.asgi import App, Message, Receive, Scope, Send, refuse, request_headers

UPLOAD_PATH: Final = "/v1/tracks"
# Boundaries, headers and the other fields of a form.
FORM_BYTES: Final = 1 << 20
# Whose an upload is, in the scope of its request.
HOLDER: Final = "legato.holder"
_REPLACEMENT_PATH: Final = re.compile(r"/v1/tracks/[^/]+/audio")


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
    """Passes everything on but what no upload may be; `authenticate` raises LegatoError.

    A form may stand still for as long as an upload by tus. Its turn is over when its answer
    begins, or its line is cut.
    """

    def __init__(
        self,
        app: App,
        authenticate: Callable[[str | None], KeyHolder],
        max_upload_bytes: int,
        stall_s: float = STALL_S,
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._turns = FormTurns()
        self._bounds = Bounds(
            most_bytes=max_upload_bytes + FORM_BYTES,
            stall_s=stall_s,
            named="the form (LEGATO_MAX_UPLOAD_BYTES and 1 MiB)",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_upload(scope):
            await self._app(scope, receive, send)
            return
        with ExitStack() as turn:

            async def answer(message: Message) -> None:
                turn.close()  # who hears it may send the next
                await send(message)

            try:
                await self._check(scope)
                turn.enter_context(self._turns.one_of(scope[HOLDER].tenant_id))
            except LegatoError as error:
                await refuse(error, send)
            else:
                await pass_on_watched(self._app, scope, receive, answer, self._bounds)

    async def _check(self, scope: Scope) -> None:
        authorization = request_headers(scope).get(b"authorization")
        scope[HOLDER] = await run_in_threadpool(
            self._authenticate, authorization.decode("latin-1") if authorization else None
        )
        if declared_bytes(scope) > self._bounds.most_bytes:
            raise self._bounds.too_large()
