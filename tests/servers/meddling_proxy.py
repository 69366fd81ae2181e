"""HTTP on its way between a client and a server of this machine: kept, and meddled with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

_TIMEOUT_S: Final = 60
# Of one connection, not of the message (RFC 9110 §7.6.1); we write our own.
_HOP_BY_HOP: Final = ("connection", "content-length", "expect", "transfer-encoding")


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request and, as soon as there is one, its answer. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""


class MeddlingProxy:
    """A context manager. Each exchange is kept in `exchanges`, with what was sent at last.

    `on_request` may change a request, or set a status and so answer in the server's place;
    `on_answer` may change the answer. A body shorter than its Content-Length is cut off there.
    """

    def __init__(self, port: int) -> None:
        self.exchanges: list[Exchange] = []
        self.on_request: Callable[[Exchange], None] = lambda _: None
        self.on_answer: Callable[[Exchange], None] = lambda _: None
        self._port = port
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def exchange(self, exchange: Exchange) -> None:
        """Put an answer to a request: the server's, unless somebody has one already."""
        self.exchanges.append(exchange)
        self.on_request(exchange)
        if exchange.status is None:
            self._ask(exchange)
        self.on_answer(exchange)

    def _ask(self, exchange: Exchange) -> None:
        server = HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_S)
        headers = {k: v for k, v in exchange.headers.items() if k not in _HOP_BY_HOP}
        headers |= {"content-length": str(len(exchange.body))} if exchange.body else {}
        try:
            server.request(exchange.method, exchange.path, exchange.body or None, headers)
            answer = server.getresponse()
            exchange.answer = answer.read()
        finally:
            server.close()
        exchange.status = answer.status
        exchange.answer_headers = {name.lower(): value for name, value in answer.getheaders()}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                exchange = Exchange(method=self.command, path=self.path, headers=headers, body=body)
                try:
                    proxy.exchange(exchange)
                    self._answer(exchange)
                except OSError:  # the server is gone: so are we
                    self.close_connection = True

            def _answer(self, exchange: Exchange) -> None:
                assert exchange.status is not None
                length = exchange.answer_headers.get("content-length", str(len(exchange.answer)))
                self.send_response_only(exchange.status)
                for name, value in exchange.answer_headers.items():
                    if name not in _HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("content-length", length)
                self.end_headers()
                self.wfile.write(exchange.answer)
                if self.command != "HEAD" and len(exchange.answer) < int(length):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Nothing: what passed is in `exchanges`."""

            do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = pass_on  # noqa: N815 - as http.server calls them

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
