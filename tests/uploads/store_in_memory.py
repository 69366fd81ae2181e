"""Direct uploads to a folder: what S3 does with parts, without S3, and somebody who interferes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from legato.catalog.objects.uploads import Upload
from legato.errors import BadInput, NotFound
from legato.storage.direct_uploads import Part, PartAddress, StoredPart, incoming_key
from legato.storage.object_store import ObjectStore


@dataclass(slots=True)
class PartsInMemory:
    """Parts are put by `put`; `before_complete` is called when all are about to be one object."""

    store: ObjectStore
    begun: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    before_complete: Callable[[], None] = lambda: None
    before_abort: Callable[[], None] = lambda: None

    def begin(self, upload_id: str) -> str:
        store_upload_id = f"in-store-{upload_id}"
        self.begun[upload_id, store_upload_id] = {}
        return store_upload_id

    def put(self, upload: Upload, number: int, body: bytes) -> Part:
        self._parts(upload.upload_id, upload.store_upload_id)[number] = body
        return Part(number=number, size_bytes=len(body), sha256=hashlib.sha256(body).digest())

    def address(
        self, upload_id: str, store_upload_id: str, part: Part, *, ttl_s: int
    ) -> PartAddress:
        url = f"memory:{upload_id}/{store_upload_id}/{part.number}?{ttl_s}"
        return PartAddress(url=url, headers={})

    def stored(self, upload_id: str, store_upload_id: str) -> list[StoredPart]:
        return [
            StoredPart(number=number, size_bytes=len(body))
            for number, body in sorted(self._parts(upload_id, store_upload_id).items())
        ]

    def complete(self, upload_id: str, store_upload_id: str, parts: Sequence[Part]) -> None:
        self.before_complete()
        there = self._parts(upload_id, store_upload_id)
        if [part.number for part in parts] != sorted(there):
            raise BadInput("bad_part", "found other parts")
        body = b"".join(there[part.number] for part in parts)
        self.store.put(incoming_key(upload_id), body, media_type="application/octet-stream")

    def abort(self, upload_id: str, store_upload_id: str) -> None:
        self.before_abort()
        self.begun.pop((upload_id, store_upload_id), None)

    def _parts(self, upload_id: str, store_upload_id: str | None) -> dict[int, bytes]:
        found = self.begun.get((upload_id, store_upload_id or ""))
        if found is None:
            raise NotFound("no_upload", "there is none")
        return found
