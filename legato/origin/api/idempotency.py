"""`Idempotency-Key`: what is sent again is answered again (draft-ietf-httpapi-idempotency-key-07).

Stands right before the API. An answer is held until it is kept, so that nobody hears of what a
crash could still let be forgotten.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool

from legato.catalog.accounts import idempotency
from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.accounts.idempotency import MAX_BODY_BYTES, KeptAnswer, Reservation
from legato.deployment import Deployment
from legato.errors import BadInput, LegatoError
from legato.origin.api.authentication import authenticator
from legato.origin.api.request_hash import HashedRequest
from legato.origin.api.tus.writers import STALL_S
from legato.origin.api.upload_guard import FORM_BYTES
from legato.origin.api.watched_body import Bounds, pass_on_watched
from legato.origin.asgi import (
    AUTHENTICATED,
    PROBLEM_TYPE,
    App,
    Headers,
    Message,
    Receive,
    Scope,
    Send,
    encoded,
    refuse,
    request_headers,
)
from legato.problems.table import PROBLEMS

# Whoever answers with a secret says in the scope, under this name, what is kept in its place.
KEPT_BODY: Final = "legato.kept_body"

_CHANGES: Final = ("POST", "PUT", "PATCH", "DELETE")
# What was right to refuse then may be right to do now.
_HEALS: Final = (401, 408, 409, 423, 425, 429)
# An answer waits so long, for so much of a body that nobody has read.
_REST_BYTES: Final = 1 << 20
_REST_S: Final = 1.0
# RFC 9651 §3.3.3, a string; and what clients send without its quotes.
_QUOTED: Final = re.compile(rb'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
_BARE: Final = re.compile(rb"[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]{1,255}")

log = structlog.get_logger()


class Idempotency:
    """Does each request of a key once, and answers it as often as it is sent.

    Of `play` and `addresses` nothing is kept: they change nothing, and their answers are addresses
    that are soon over.
    """

    def __init__(self, app: App, deployment: Deployment, stall_s: float = STALL_S) -> None:
        self._app = app
        self._database = deployment.database
        self._lease_s = deployment.settings.lease_s
        self._bounds = Bounds(  # of a body that only its hash is wanted of
            most_bytes=deployment.settings.max_upload_bytes + FORM_BYTES, stall_s=stall_s
        )
        self._authenticate = authenticator(deployment)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        field = _key_field(scope)
        if field is None:
            await self._app(scope, receive, send)
            return
        try:
            idempotency_key = parse_key(field)
            holder = await run_in_threadpool(self._authenticate, _authorization(scope))
            scope[AUTHENTICATED] = True
            found = await run_in_threadpool(self._reserve, holder, idempotency_key)
        except LegatoError as error:
            await refuse(error, send)
            return
        scopes = " ".join(sorted(holder.scopes))  # what one key may be told, another may not
        if isinstance(found, KeptAnswer):
            again = _Again(found, scopes)
            await pass_on_watched(again, scope, receive, send, self._bounds)
        else:
            await self._do(found, scope, HashedRequest(scope, receive), scopes, send)

    def _reserve(self, holder: KeyHolder, idempotency_key: str) -> Reservation | KeptAnswer:
        with self._database.write() as session:
            return idempotency.reserve(session, holder.tenant_id, idempotency_key, self._lease_s)

    async def _do(
        self, ours: Reservation, scope: Scope, request: HashedRequest, scopes: str, send: Send
    ) -> None:
        answer = _HeldAnswer(send)
        scope.pop("extensions", None)  # its body comes this way and no other: it is hashed
        keeper = asyncio.create_task(self._keep(ours))
        try:
            with idempotency.in_hand(ours):
                await self._app(scope, request.receive, answer.send)
        finally:
            keeper.cancel()
            whole = answer.is_final and await _comes_whole(request)
            kept = answer.kept(request.digest(scopes), scope.get(KEPT_BODY)) if whole else None
            try:
                await run_in_threadpool(self._settle, ours, kept)
            except LegatoError as error:  # it was done: who asks again is told that
                log.warning("answer_not_kept", code=error.code, error=error.message)
            await answer.pass_on()

    def _settle(self, ours: Reservation, kept: KeptAnswer | None) -> None:
        with self._database.write() as session:
            if kept is not None:
                idempotency.finish(session, ours, kept)
            else:
                idempotency.release(session, ours)

    async def _keep(self, ours: Reservation) -> None:
        """Say now and then that the request is still being done, for as long as it is."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            with suppress(LegatoError):  # a catalogue that is away comes back, or the lease ends
                await run_in_threadpool(self._extend, ours)

    def _extend(self, ours: Reservation) -> None:
        with self._database.write() as session:
            idempotency.keep(session, ours, self._lease_s)


class _HeldAnswer:
    """An answer that nobody has heard yet; what is too large to be kept goes out as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []
        self._held_bytes = 0

    async def send(self, message: Message) -> None:
        self._messages.append(message)
        self._held_bytes += len(message.get("body", b""))
        if self._held_bytes > MAX_BODY_BYTES:
            await self.pass_on()

    async def pass_on(self) -> None:
        while self._messages:
            await self._send(self._messages.pop(0))

    @property
    def is_final(self) -> bool:
        """All of it is held, and the same again would be answered the same."""
        if not self._messages or self._messages[0]["type"] != "http.response.start":
            return False
        status = self._messages[0]["status"]
        ended = not self._messages[-1].get("more_body", False)
        return ended and status < 500 and status not in _HEALS and not self._code_heals

    @property
    def _code_heals(self) -> bool:
        start, *rest = self._messages
        if (b"content-type", PROBLEM_TYPE.encode()) not in start["headers"]:
            return False
        problem = PROBLEMS.get(json.loads(_body_of(rest))["code"])
        return problem is not None and problem.heals

    def kept(self, request_hash: str, body: bytes | None) -> KeptAnswer | None:
        """What is to be kept of it; `body`: instead of its own. None: it is no text."""
        start, *rest = self._messages
        try:
            text = (_body_of(rest) if body is None else body).decode()
        except UnicodeDecodeError:
            return None
        headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        headers.pop("content-length", None)
        return KeptAnswer(
            request_hash=request_hash, status=start["status"], headers=headers, body=text
        )


def _body_of(messages: Iterable[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


async def _comes_whole(request: HashedRequest) -> bool:
    """Whether a request that is answered comes to its end soon; who pauses is not waited for."""
    try:
        async with asyncio.timeout(_REST_S):
            return await request.read(_REST_BYTES)
    except TimeoutError:
        return False


class _Again:
    """An application that answers what was answered, if it is asked for the same."""

    def __init__(self, kept: KeptAnswer, scopes: str) -> None:
        self._kept = kept
        self._scopes = scopes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HashedRequest(scope, receive)
        if not await request.read():
            return  # whoever sent it is gone, or is refused by who watches its body
        if request.digest(self._scopes) == self._kept.request_hash:
            await self._answer(send)
            return
        message = "idempotency key: found another request under it, expected the first one again"
        await refuse(BadInput("idempotency_key_reused", message), send)

    async def _answer(self, send: Send) -> None:
        body, status = self._kept.body.encode(), self._kept.status
        told: Headers = encoded([*self._kept.headers.items(), ("idempotency-replayed", "true")])
        if status != 204:
            told += encoded([("content-length", str(len(body)))])
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})


def parse_key(field: bytes) -> str:
    """The key in an `Idempotency-Key` field, with or without quotes.

    Raises BadInput `bad_idempotency_key`.
    """
    quoted = _QUOTED.fullmatch(field)
    if quoted is not None:
        return re.sub(rb"\\(.)", rb"\1", quoted[1]).decode("ascii")
    if _BARE.fullmatch(field) is None:
        raise BadInput(
            "bad_idempotency_key",
            f"Idempotency-Key: found {field[:300]!r}, expected a string of 1 to 255 characters "
            'in quotes, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"',
        )
    return field.decode("ascii")


def _key_field(scope: Scope) -> bytes | None:
    """The header, of a request that changes something."""
    if scope["type"] != "http" or scope["method"] not in _CHANGES:
        return None
    path: str = scope["path"]
    if not path.startswith("/v1/") or _is_answered_anew(path):
        return None
    return request_headers(scope).get(b"idempotency-key")


def _is_answered_anew(path: str) -> bool:
    to_upload = path.startswith("/v1/direct-uploads/") and path.endswith("/addresses")
    return to_upload or path.endswith("/play")


def _authorization(scope: Scope) -> str | None:
    found = request_headers(scope).get(b"authorization")
    return found.decode("latin-1") if found is not None else None
