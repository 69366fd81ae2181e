"""Stands before the API: one caller may ask so often, and learns when to come back."""

import hashlib
import math
import time
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from legato.errors import BadInput
from legato.origin.asgi import (
    AUTHENTICATED,
    App,
    Message,
    Receive,
    Scope,
    Send,
    refuse,
    request_headers,
)
from legato.origin.media.edge import Edge
from legato.origin.media.memory import BoundedMemory

_LIMITED: Final = ("/v1/", "/edge/")
_PROVEN_BYTES: Final = 16 << 20
_HASH_BYTES: Final = 256


def parse_rate(text: str) -> RateLimitItem:
    """Read `100/second`, `20 per minute`; raises BadInput."""
    try:
        return parse(text)
    except ValueError as error:
        raise BadInput(
            "bad_setting", f"LEGATO_RATE_LIMIT: found {text!r}, expected e.g. 100/second"
        ) from error


class RateLimit:
    """Counts by API key or listener's token once that has been found good, else by address.

    So whoever guesses keys has one count for all guesses, and takes nothing from others who
    come from the same address with a good one.
    """

    def __init__(self, app: App, rate: RateLimitItem, edge: Edge) -> None:
        self._app = app
        self._rate = rate
        self._edge = edge
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._proven: BoundedMemory[bytes, bool] = BoundedMemory(_PROVEN_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        fields = request_headers(scope)
        credential = hashlib.sha256(fields.get(b"authorization", b"")).digest()
        if self._proven.get(credential):
            caller = credential.hex()
        else:
            caller = str(self._edge.client_address(scope, fields))
        if not self._limiter.hit(self._rate, caller):
            await self._refuse(caller, send)
            return
        await self._app(scope, receive, self._noting(scope, credential, send))

    def _noting(self, scope: Scope, credential: bytes, send: Send) -> Send:
        """Remembers a credential that was found good before its caller hears of it."""

        async def noting(message: Message) -> None:
            if scope.get(AUTHENTICATED):
                self._proven.keep(credential, value=True, weight_bytes=_HASH_BYTES)
            await send(message)

        return noting

    async def _refuse(self, caller: str, send: Send) -> None:
        reset_s = self._limiter.get_window_stats(self._rate, caller).reset_time
        wait_s = max(1, math.ceil(reset_s - time.time()))
        message = f"more than {self._rate}: come again in {wait_s} s (LEGATO_RATE_LIMIT)"
        await refuse(BadInput("too_many_requests", message), send, wait_s=wait_s)
