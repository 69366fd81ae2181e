"""The object store port. Keys equal URL paths: `audio/{asset_id}/vorbis-160.ogg`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as it is listed; `modified_at_s` is the Unix time at which it was put."""

    key: str
    size_bytes: int
    modified_at_s: float


class ObjectStore(Protocol):
    """Immutable objects by key. An object is there whole and durable, or not at all.

    Any number of threads may use one store. Whatever is asked of it raises BadInput `bad_key`
    for a key that leads out of the store, and Unavailable `store_unavailable` (try again) with
    words that say what to look at; those hold no secret.
    """

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        """Store all of `body`; the same bytes again is a no-op.

        Raises Corrupt `key_taken` where other bytes stand already.
        """
        ...

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        """Store the file at `path`, which is the caller's own and is gone afterwards.

        The same bytes again is a no-op; errors as for `put`, and the file is then still there.
        Memory is bounded, however large the file is.
        """
        ...

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        """The bytes `[offset, offset + size)`, to the end without a size, fewer at the end.

        No more than these is fetched. Raises NotFound `no_object`.
        """
        ...

    def size(self, key: str) -> int:
        """The object's size in bytes; raises NotFound `no_object`."""
        ...

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        """A file with the object's bytes, to be read only and only inside the context.

        Memory is bounded. Raises NotFound `no_object`.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the object, for good when this returns; no object there is a no-op."""
        ...

    def list(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        """The objects whose keys begin with `prefix` and come after `after`, by their keys.

        Memory is bounded, however many there are. What is put or deleted meanwhile may be listed
        or not; the rest is, once.
        """
        ...
