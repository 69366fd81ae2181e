"""A PATCH of which only the beginning is sent: its sender is slow, or gone without a word."""

import socket
from types import TracebackType
from typing import Self

from tests.running import RunningServer


class HalfSent:
    """A context manager: a request for `announced` bytes of which `begun` have been sent."""

    def __init__(  # noqa: PLR0917 - a request is all of these
        self, server: RunningServer, place: str, offset: int, announced: int, begun: bytes,
        field: str = "X-Nothing: more",
    ) -> None:  # fmt: skip
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        head = (
            f"PATCH {place} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {server.api_key}\r\n"
            "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Upload-Offset: {offset}\r\n{field}\r\nContent-Length: {announced}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + begun)

    def send(self, more: bytes) -> None:
        self._socket.sendall(more)

    def answer(self) -> str:
        """The head of what is answered."""
        self._socket.settimeout(20)
        return self._socket.recv(65536).decode("latin-1")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
