"""A store of one object, that writes down what is read of it."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock

from legato.storage.local import LocalStore

BODY = bytes(range(256)) * 20_000


class CountingStore(LocalStore):
    """A store that writes down what is read; readers wait while `go_on` is not set."""

    def __init__(self, body: bytes = BODY, fail: Callable[[], None] = lambda: None) -> None:
        super().__init__(Path("/nowhere"))
        self.reads: list[tuple[int, int | None]] = []
        self.go_on = Event()
        self.go_on.set()
        self._body, self._fail, self._lock = body, fail, Lock()

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        del key
        with self._lock:
            self.reads.append((offset, size))
        assert self.go_on.wait(10)
        self._fail()
        return self._body[offset:][:size]
