"""ASGI's types, and a refusal as an ASGI answer: `{"error": {"code", "message"}}`."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

from legato.errors import LegatoError, http_status

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Whoever finds that a request bears a good key or token says so in its scope, under this name.
AUTHENTICATED: Final = "legato.authenticated"


def request_headers(scope: Scope) -> dict[bytes, bytes]:
    """The header fields by name; several of one name are one list (RFC 9110 §5.3).

    Cookies, which HTTP/2 may send in pieces, are joined as they were (RFC 9113 §8.2.3).
    """
    fields: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in fields:
            between = b"; " if name == b"cookie" else b", "
            fields[name] = fields[name] + between + value
        else:
            fields[name] = value
    return fields


def encoded(pairs: Iterable[tuple[str, str]]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs]


def error_content(code: str, message: str) -> dict[str, dict[str, str]]:
    """An error as every answer of ours has it."""
    return {"error": {"code": code, "message": message}}


def error_answer(error: LegatoError) -> tuple[int, Headers, bytes]:
    """Status, header fields and body of an error, which no cache may keep."""
    status = http_status(error)
    body = json.dumps(error_content(error.code, error.message)).encode()
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        *([("www-authenticate", "Bearer")] if status == 401 else []),
    ]
    return status, encoded(headers), body


async def refuse(error: LegatoError, send: Send, more: Iterable[tuple[str, str]] = ()) -> None:
    """Answer with an error."""
    status, headers, body = error_answer(error)
    await send(
        {"type": "http.response.start", "status": status, "headers": headers + encoded(more)}
    )
    await send({"type": "http.response.body", "body": body})
