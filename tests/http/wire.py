"""HTTP as it goes over the wire, by Python's own client and by a bare socket: the judge's ears."""

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage, parse_headers
from typing import Final, Self

TIMEOUT_S: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Exactly the fields that are sent, but for Host and Content-Length."""

    path: str
    method: str = "GET"
    fields: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    version: str = "HTTP/1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, fields by their names in lower case, none twice, and the body to its last byte."""

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def ends_connection(self) -> bool:
        return self.fields.get("connection", "").lower() == "close"


class Kept:
    """One connection for several requests; a context manager."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self._connection.connect()
        self._connection.auto_open = 0  # a connection that has been closed is no longer this one

    def ask(self, request: Request) -> Answer:
        connection = self._connection
        setattr(connection, "_http_vsn_str", request.version)  # noqa: B010 - there is no other way
        connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in _sent(request).items():
            connection.putheader(name, value)
        connection.endheaders(request.content or None)
        response = connection.getresponse()
        body = response.read()
        return Answer(status=response.status, fields=_once_each(response.msg), body=body)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()


def ask_to_the_end(port: int, request: Request) -> Answer:
    """All that comes until the server ends the connection; the body is what follows the fields."""
    lines = [f"{request.method} {request.path} {request.version}", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in _sent(request).items()]
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + request.content)
        with connection.makefile("rb") as everything:
            came = io.BytesIO(everything.read())
    _version, status, _reason = came.readline().split(b" ", 2)
    fields = _once_each(parse_headers(came))
    return Answer(status=int(status), fields=fields, body=came.read())


def _sent(request: Request) -> dict[str, str]:
    length = {"Content-Length": str(len(request.content))} if request.content else {}
    return {**request.fields, **length}


def _once_each(fields: HTTPMessage) -> dict[str, str]:
    names = [name.lower() for name in fields.keys()]  # noqa: SIM118 - each time that it occurs
    assert len(names) == len(set(names)), f"a field comes twice: {names}"
    return {name.lower(): value for name, value in fields.items()}
