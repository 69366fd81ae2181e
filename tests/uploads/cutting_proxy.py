"""A bad line: TCP between a client and a server of this machine, cut where somebody says."""

import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

_BLOCK: Final = 64 << 10
_LINGER_0: Final = struct.pack("ii", 1, 0)


class CuttingProxy:
    """A context manager. `cuts` are numbers of bytes, each from the cut before it.

    When so many have gone from clients to the server, over however many connections, the one
    that carries them is reset on both sides. Counted are bytes that were sent, not kept. With
    `bytes_per_s` no more than that goes up on each connection.
    """

    def __init__(self, port: int, cuts: Iterable[int], *, bytes_per_s: int | None = None) -> None:
        self.cut = 0
        self._server_port = port
        self._bytes_per_s = bytes_per_s
        self._narrow = threading.Event()  # never set: waiting for it takes the time a line takes
        self.cut_after(*cuts)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_after(self, *cuts: int) -> None:
        """From now on, these are the cuts."""
        self._cuts = iter(cuts)
        self._until_cut = next(self._cuts, None)

    def _accept(self) -> None:
        with suppress(OSError):  # closed: it is over
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._open |= {client, server}
                for source, target in ((client, server), (server, client)):
                    upwards = source is client
                    threading.Thread(
                        target=self._pump, args=(source, target, upwards), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, target: socket.socket, upwards: bool) -> None:
        with suppress(OSError):
            while block := source.recv(_BLOCK):
                allowed = self._allowed(len(block)) if upwards else len(block)
                target.sendall(block[:allowed])
                if upwards and self._bytes_per_s is not None:
                    self._narrow.wait(len(block) / self._bytes_per_s)
                if allowed < len(block):
                    for end in (source, target):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _allowed(self, size: int) -> int:
        with self._lock:
            if self._until_cut is None or size < self._until_cut:
                if self._until_cut is not None:
                    self._until_cut -= size
                return size
            allowed, self._until_cut = self._until_cut - 1, next(self._cuts, None)
            self.cut += 1
            return allowed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            end.close()
