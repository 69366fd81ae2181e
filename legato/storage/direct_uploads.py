"""The port for uploads that go straight to the object store, in parts, past our own servers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

INCOMING = "incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an upload, from number 1 on, and what its bytes must hash to."""

    number: int
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """A part that the store has."""

    number: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAddress:
    """Where a part is put, once, with exactly these header fields."""

    url: str
    headers: Mapping[str, str]


class DirectUploads(Protocol):
    """Uploads to `incoming/{upload_id}`; `store_upload_id` is the store's own name for one.

    Whatever is asked raises Unavailable `store_unavailable` where the store is away.
    """

    def begin(self, upload_id: str) -> str:
        """Begin an upload; answers its `store_upload_id`."""
        ...

    def address(
        self, upload_id: str, store_upload_id: str, part: Part, *, ttl_s: int
    ) -> PartAddress:
        """A signed address for one part: the store refuses other bytes than the part names."""
        ...

    def stored(self, upload_id: str, store_upload_id: str) -> list[StoredPart]:
        """The parts that are there, by number; raises NotFound `no_upload`."""
        ...

    def complete(self, upload_id: str, store_upload_id: str, parts: Sequence[Part]) -> None:
        """Make one object of all parts; what is complete already is a no-op.

        Raises BadInput `bad_part` where a part is not there as described, NotFound `no_upload`.
        """
        ...

    def abort(self, upload_id: str, store_upload_id: str) -> None:
        """Forget the upload and its parts; no upload there is a no-op."""
        ...


def incoming_key(upload_id: str) -> str:
    """Where the object of an upload stands until it is a master."""
    return f"{INCOMING}/{upload_id}"
