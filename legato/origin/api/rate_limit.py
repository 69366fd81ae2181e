"""Stands before the API: one caller may ask so often, and learns when to come back."""

import hashlib
import http
import math
import time
from collections.abc import MutableMapping
from typing import Any, Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from legato.errors import BadInput
from legato.origin.asgi import App, Receive, Scope, Send, refuse, request_headers
from legato.origin.media.edge import Edge

_LIMITED: Final = "/v1/"


def parse_rate(text: str) -> RateLimitItem:
    """Read `100/second`, `20 per minute`; raises BadInput."""
    try:
        return parse(text)
    except ValueError as error:
        raise BadInput(
            "bad_setting", f"LEGATO_RATE_LIMIT: found {text!r}, expected e.g. 100/second"
        ) from error


class RateLimit:
    """Counts by API key or listener's token, and by address where there is neither.

    Keys and tokens that are none count by address too, so that nobody guesses any faster.
    """

    def __init__(self, app: App, rate: RateLimitItem, edge: Edge) -> None:
        self._app = app
        self._rate = rate
        self._edge = edge
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        fields = request_headers(scope)
        address = str(self._edge.client_address(scope, fields))
        credential = fields.get(b"authorization")
        caller = address if credential is None else hashlib.sha256(credential).hexdigest()
        guesses = f"{address} guesses"
        if not self._limiter.test(self._rate, guesses):
            await self._refuse(guesses, send)
        elif not self._limiter.hit(self._rate, caller):
            await self._refuse(caller, send)
        else:
            await self._app(scope, receive, self._counting(guesses, send))

    def _counting(self, guesses: str, send: Send) -> Send:
        async def counted(message: MutableMapping[str, Any]) -> None:
            if message.get("status") == http.HTTPStatus.UNAUTHORIZED:
                self._limiter.hit(self._rate, guesses)
            await send(message)

        return counted

    async def _refuse(self, caller: str, send: Send) -> None:
        reset_s = self._limiter.get_window_stats(self._rate, caller).reset_time
        wait_s = max(1, math.ceil(reset_s - time.time()))
        message = f"more than {self._rate}: come again in {wait_s} s (LEGATO_RATE_LIMIT)"
        await refuse(BadInput("too_many_requests", message), send, [("retry-after", str(wait_s))])
