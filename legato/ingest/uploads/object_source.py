"""An object of the store as a source of a master."""

from collections.abc import Callable

from legato.ingest.intake import no_fault_of_the_master
from legato.storage.object_store import ObjectStore

# Hears how many bytes have been read.
OnRead = Callable[[int], None]


class ObjectSource:
    """An object as a file that is read from its beginning to its end.

    Whatever keeps it from being read is Unavailable or Corrupt: somebody was told that it is safe.
    """

    def __init__(self, store: ObjectStore, key: str, on_read: OnRead) -> None:
        self._store = store
        self._key = key
        self._on_read = on_read
        self._offset = 0

    def read(self, size: int) -> bytes:
        with no_fault_of_the_master():
            block = self._store.read(self._key, self._offset, size)
        self._offset += len(block)
        self._on_read(self._offset)
        return block
