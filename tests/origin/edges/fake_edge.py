"""An HTTP server that stands for an edge's API: it keeps what it was asked, and answers."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


# Status, body, and maybe headers.
Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]


def nginx_answers(asked: Asked) -> Answer:
    """As our reference edge does, whoever asks."""
    return 200, json.dumps({"asset_id": asked.path.rpartition("/")[2], "removed": 7}).encode()


class FakeEdge:
    """Listens while its context lasts; `away` closes its port until it is `back`."""

    def __init__(self, answer: Callable[[Asked], Answer] = nginx_answers) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._server = self._listen(0)
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def purged(self) -> list[str]:
        return [asked.path.rpartition("/")[2] for asked in self.asked]

    def away(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def back(self) -> None:
        self._server = self._listen(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.away()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        edge = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(
                    method=self.command, path=self.path, headers=headers,
                    body=self.rfile.read(length),
                )  # fmt: skip
                answer = edge.answer(asked)
                edge.asked.append(asked)
                self.send_response(answer[0])
                headers = answer[2] if len(answer) == 3 else {}
                for name, value in {"content-length": str(len(answer[1])), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer[1])

            do_GET = do_POST  # noqa: N815 - http.server's own name

            def log_message(self, *_args: Any) -> None: ...

        return Handler
