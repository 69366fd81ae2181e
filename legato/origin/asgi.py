"""ASGI's types, and a refusal as an ASGI answer: `{"error": {"code", "message"}}`."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from legato.errors import LegatoError, http_status

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def request_headers(scope: Scope) -> dict[bytes, bytes]:
    """The header fields by name; several of one name are one list (RFC 9110 §5.3)."""
    fields: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


def encoded(pairs: Iterable[tuple[str, str]]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs]


def error_body(error: LegatoError) -> bytes:
    return json.dumps({"error": {"code": error.code, "message": error.message}}).encode()


async def refuse(error: LegatoError, send: Send, more: Iterable[tuple[str, str]] = ()) -> None:
    """Answer with an error, which no cache may keep."""
    body = error_body(error)
    headers = encoded(
        [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("cache-control", "no-store"),
            *([("www-authenticate", "Bearer")] if http_status(error) == 401 else []),
            *more,
        ]
    )
    await send({"type": "http.response.start", "status": http_status(error), "headers": headers})
    await send({"type": "http.response.body", "body": body})
