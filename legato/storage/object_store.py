"""The object store port. Keys equal URL paths: `audio/{asset_id}/vorbis-160.ogg`."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class ObjectStore(Protocol):
    """Immutable objects by key. An object is there whole and durable, or not at all."""

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        """Store all of `body`; the same bytes again is a no-op.

        Raises Unavailable (try again), or Corrupt `key_taken` (other bytes stand there).
        """
        ...

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        """Store the file at `path`, which is the caller's own and is gone afterwards.

        The same bytes again is a no-op; errors as for `put`.
        """
        ...

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        """The bytes `[offset, offset + size)`, to the end without a size, fewer at the end.

        Raises NotFound.
        """
        ...

    def size(self, key: str) -> int:
        """The object's size in bytes; raises NotFound."""
        ...

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        """A file with the object's bytes, to be read only and only inside the context.

        Raises NotFound.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the object; no object there is a no-op."""
        ...
