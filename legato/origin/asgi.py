"""ASGI's types, and a refusal as an ASGI answer: a problem detail (RFC 9457)."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

from legato.errors import LegatoError, http_status
from legato.problems.table import problem_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Whoever finds that a request bears a good key or token says so in its scope, under this name.
AUTHENTICATED: Final = "legato.authenticated"

PROBLEM_TYPE: Final = "application/problem+json"
# Where this server explains every code.
ERRORS_PATH: Final = "/docs/errors"


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


def error_content(code: str, detail: str, status: int) -> dict[str, Any]:
    """An error as every answer of ours has it (RFC 9457 §3); `code` is ours (§3.2)."""
    return {
        "type": f"{ERRORS_PATH}#{code}",
        "title": problem_of(code, status).title,
        "status": status,
        "detail": detail,
        "code": code,
    }


def error_fields(code: str, status: int, wait_s: int | None = None) -> list[tuple[str, str]]:
    """The header fields of an error, which no cache may keep.

    They say how to be let in (RFC 9110 §11.6.1), and when to come again (§10.2.3): in `wait_s`,
    or when the table of codes says.
    """
    after_s = wait_s or problem_of(code, status).retry_after_s
    return [
        ("cache-control", "no-store"),
        *([("www-authenticate", "Bearer")] if status == 401 else []),
        *([("retry-after", str(after_s))] if after_s is not None else []),
    ]


def error_answer(error: LegatoError, wait_s: int | None = None) -> tuple[int, Headers, bytes]:
    """Status, header fields and body of an error."""
    status = http_status(error)
    body = json.dumps(error_content(error.code, error.message, status)).encode()
    headers = [
        ("content-type", PROBLEM_TYPE),
        ("content-length", str(len(body))),
        *error_fields(error.code, status, wait_s),
    ]
    return status, encoded(headers), body


async def refuse(
    error: LegatoError,
    send: Send,
    more: Iterable[tuple[str, str]] = (),
    *,
    wait_s: int | None = None,
) -> None:
    """Answer with an error."""
    status, headers, body = error_answer(error, wait_s)
    await send(
        {"type": "http.response.start", "status": status, "headers": headers + encoded(more)}
    )
    await send({"type": "http.response.body", "body": body})
