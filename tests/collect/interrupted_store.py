"""A store in which something happens right before or after a chosen change: also a power cut."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from legato.storage.object_store import ObjectStore, StoredObject

Happens = Callable[[], object]


class PowerCut(BaseException):
    """Nobody handles this: what would have been tidied up is left lying."""


class InterruptedStore:
    """The store that it is given, in which one thing happens, once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._happens: Happens | None = None
        self._left = 0
        self._after = False

    def interrupt(self, happens: Happens | None, change: int = 0, *, after: bool = False) -> None:
        """Let this happen at the change of this number, counted from 0; None: nothing."""
        self._happens, self._left, self._after = happens, change, after

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        self._change(lambda: self._store.put(key, body, media_type=media_type))

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        self._change(lambda: self._store.put_file(key, path, media_type=media_type))

    def delete(self, key: str) -> None:
        self._change(lambda: self._store.delete(key))

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        return self._store.read(key, offset, size)

    def size(self, key: str) -> int:
        return self._store.size(key)

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        return self._store.local_copy(key)

    def list(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        return self._store.list(prefix, after)

    def _change(self, change: Happens) -> None:
        happens = self._due()
        if happens is None:
            change()
        elif self._after:
            change()
            happens()
        else:
            happens()
            change()

    def _due(self) -> Happens | None:
        if self._happens is None:
            return None
        self._left -= 1
        if self._left >= 0:
            return None
        happens, self._happens = self._happens, None
        return happens
