"""HTTP/1.1 by uvicorn: its settings, a bound on heads, and a way for bodies straight to us."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from legato.errors import BadInput
from legato.origin.api.tus.body import STRAIGHT_BODY, Body
from legato.origin.asgi import App, error_answer
from legato.settings import Settings
from legato.web.straight_body import StraightBody

# A token, and what browsers and CDNs add; a head that is longer, or not there in time, is refused.
HEAD_BYTES: Final = 64 << 10
HEAD_TIMEOUT_S: Final = 10.0
# Longer than an edge keeps an idle connection (nginx: 60 s), so that it is the edge that ends it.
_KEEP_ALIVE_S: Final = 75
_STOP_TIMEOUT_S: Final = 8
_WITH_BODY: Final = ("PATCH", "POST")


class BoundedHead(HttpToolsProtocol):
    """A connection whose request heads are bounded in size and time.

    The parser itself would take as many header fields as somebody cares to send. Whoever answers
    may read a body straight from the socket, past parser and messages; not over TLS, whose
    ciphers cost more than that saves.
    """

    head_timeout_s = HEAD_TIMEOUT_S
    _head_bytes = 0
    _late: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes == 0 or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse("the head of the request is too large")
        elif self._late is None:
            self._late = self.loop.call_later(
                self.head_timeout_s, self._refuse, "the head of the request took too long"
            )

    def on_message_begin(self) -> None:
        self._head_bytes = 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_bytes = 0
        self._in_time()
        super().on_headers_complete()
        if self.scheme == "http" and self.scope["method"] in _WITH_BODY:
            extensions: dict[str, Any] = {STRAIGHT_BODY: self._straight_body}
            self.scope["extensions"] = extensions

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as a request is refused as others are, and the connection ended."""
        _, headers, body = error_answer(BadInput("bad_request", msg))
        fields = [name + b": " + value for name, value in headers]
        head = [b"HTTP/1.1 400 Bad Request", *fields, b"connection: close"]
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def _straight_body(self, begin: bytes, left: int) -> Body:
        """The body that is coming, of which the parser has seen no more than `begin`."""
        self.flow.pause_reading()  # until there is an answer; the body itself reads meanwhile
        body = StraightBody(self, self.transport, self._body_has_come)
        body.start(begin, left)
        return body

    def _body_has_come(self) -> None:
        """The next byte begins another request, of which a parser in mid-body knows nothing."""
        self.cycle.more_body = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, why: str) -> None:
        if not self.transport.is_closing():
            self.send_400_response(why)


class StoppingServer(uvicorn.Server):
    """A server that says when it begins to stop, for whoever would go on answering for ever."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


def serve_http(
    app: App, listener: socket.socket, tls: dict[str, Any], on_stop: Callable[[], None]
) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT; who is being answered gets the rest.

    `on_stop` is called on the event loop when that begins.
    """
    config = uvicorn.Config(
        app,
        interface="asgi3", loop="uvloop", http=BoundedHead, ws="none", lifespan="off",
        log_config=None, access_log=False, server_header=False, proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S, timeout_graceful_shutdown=_STOP_TIMEOUT_S, **tls,
    )  # fmt: skip
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again when it has stopped
        signal.signal(number, lambda *_: None)
    StoppingServer(config, on_stop).run(sockets=[listener])


def tls_options(settings: Settings) -> dict[str, Any]:
    """For HTTPS, and for an edge that shows a certificate of its own (mTLS); raises BadInput."""
    named = {
        "CERT": settings.tls_cert,
        "KEY": settings.tls_key,
        "CLIENT_CA": settings.tls_client_ca,
    }
    if not any(named.values()):
        return {}
    for name, path in named.items():
        if path is None and name == "CLIENT_CA":
            continue
        if path is None or not path.is_file():
            raise BadInput("bad_setting", f"LEGATO_TLS_{name}: found {path}, expected a PEM file")
    options: dict[str, Any] = {
        "ssl_certfile": settings.tls_cert,
        "ssl_keyfile": settings.tls_key,
    }
    if settings.tls_client_ca is not None:
        options |= {"ssl_ca_certs": settings.tls_client_ca, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options
