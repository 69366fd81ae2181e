"""Uploads straight to the object store: begun, completed, and then taken in by a worker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, Final, cast

from legato.catalog import audit, jobs, uploads
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.uploads import Announced, Upload, UploadKind, UploadState
from legato.errors import BadInput, Forbidden, NotFound
from legato.ingest.intake import Intake
from legato.ingest.uploads.entry import begin, enter, note, submission
from legato.settings import Settings
from legato.storage.direct_uploads import (
    DirectUploads,
    Part,
    PartAddress,
    StoredPart,
    incoming_key,
)
from legato.storage.object_store import ObjectStore

# S3's own limits: parts of 5 MiB and more, 10,000 of them at most.
LEAST_PART_BYTES: Final = 5 << 20
MOST_PARTS: Final = 10_000
USUAL_PART_BYTES: Final = 16 << 20
# So long a part's address is good; another is given for the asking.
ADDRESS_TTL_S: Final = 3600


class DirectIntake:
    """A deployment's uploads to its bucket; for any number of threads.

    Our servers see none of the bytes until all are there; a worker then reads them once, to
    hash them and to store them as a master.
    """

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        direct: DirectUploads,
        intake: Intake,
        settings: Settings,
    ) -> None:
        self._database = database
        self._store = store
        self._direct = direct
        self._intake = intake
        self._settings = settings

    def begin(self, announced: Announced, actor: str) -> Upload:
        """Enter an upload; raises as `entry.begin`, and Unavailable `store_unavailable`."""
        with self._database.write() as session:
            upload = begin(session, UploadKind.DIRECT, announced, self._settings, actor)
        begun = self._direct.begin(upload.upload_id)
        size = part_size_bytes(upload.size_bytes)
        with self._database.write() as session:
            return uploads.begin_in_store(session, upload.upload_id, begun, size)

    def find(self, upload_id: str, tenant_id: str | None = None) -> Upload:
        """Raises NotFound `no_upload`, also for one that comes another way."""
        with self._database.read() as session:
            upload = uploads.find_upload(session, upload_id, tenant_id)
        if upload.kind is not UploadKind.DIRECT:
            raise NotFound("no_upload", f"upload {upload_id!r}: does not go straight to the store")
        return upload

    def addresses(self, upload: Upload, parts: Sequence[Part]) -> list[PartAddress]:
        """Where those parts are put; raises BadInput `bad_part`, `upload_over`."""
        begun = _begun(upload)
        for part in parts:
            _check_part(upload, part)
        with self._database.write() as session:
            uploads.prolong(session, upload.upload_id, self._settings.upload_ttl_s)
        return [
            self._direct.address(upload.upload_id, begun, part, ttl_s=ADDRESS_TTL_S)
            for part in parts
        ]

    def stored(self, upload: Upload) -> list[StoredPart]:
        """The parts that need not be sent again."""
        return self._direct.stored(upload.upload_id, _begun(upload))

    def complete(self, upload: Upload, parts: Sequence[Part]) -> None:
        """All parts are there: from here on the master is safe, and a worker takes it in.

        Once more is a no-op. Raises BadInput `bad_part`, `upload_over`.
        """
        if upload.state is UploadState.FINISHED:
            return
        expected = part_count(upload)
        if [part.number for part in parts] != list(range(1, expected + 1)):
            raise BadInput("bad_part", f"found {len(parts)} parts, expected 1 to {expected}")
        for part in parts:
            _check_part(upload, part)
        self._direct.complete(upload.upload_id, _begun(upload), parts)
        with self._database.write() as session:
            uploads.prolong(session, upload.upload_id, self._settings.upload_ttl_s)
            jobs.enqueue(session, JobKind.RECEIVE, upload.upload_id)

    def abort(self, upload: Upload, actor: str, state: UploadState = UploadState.ENDED) -> None:
        """Forget what has come of an upload; of one that is a track already, nothing."""
        with self._database.write() as session:
            if not uploads.end(session, upload.upload_id, state):
                return
            note(session, upload, actor, "ended", state=state)
        self._clear(upload)

    def remove_expired(self) -> int:
        """End uploads that have not moved for too long and that no worker has; answers how many."""
        with self._database.read() as session:
            late = uploads.expired(session, UploadKind.DIRECT)
            in_work = jobs.unfinished(
                session, JobKind.RECEIVE, [upload.upload_id for upload in late]
            )
        gone = [upload for upload in late if upload.upload_id not in in_work]
        for upload in gone:
            self.abort(upload, audit.WORKER, UploadState.EXPIRED)
        return len(gone)

    def receive(self, upload: Upload, actor: str) -> None:
        """Make a track of an upload that is complete; done twice, it makes no second one.

        What cannot become a track is refused for good; Unavailable and Corrupt are raised.
        """
        if upload.state is UploadState.RECEIVING:
            try:
                self._take(upload, actor)
            except (BadInput, Forbidden, NotFound) as error:
                with self._database.write() as session:
                    uploads.end(session, upload.upload_id, UploadState.REFUSED, error)
                    note(session, upload, actor, "ended", code=error.code)
        self._clear(upload)

    def _take(self, upload: Upload, actor: str) -> None:
        with _reading(self._store, upload) as source, self._intake.spool(source) as spooled:
            entry = submission(
                upload, spooled.path, actor=actor, grant_ttl_s=self._settings.grant_ttl_s
            )
            entered = partial(enter, upload, spooled.master_id, actor)
            self._intake.take(spooled, entry, on_entered=entered)

    def _clear(self, upload: Upload) -> None:
        if upload.store_upload_id is not None:
            self._direct.abort(upload.upload_id, upload.store_upload_id)
        self._store.delete(incoming_key(upload.upload_id))


def part_size_bytes(size_bytes: int) -> int:
    """How large each part but the last is."""
    return max(USUAL_PART_BYTES, -(-size_bytes // MOST_PARTS))


def part_count(upload: Upload) -> int:
    return max(1, -(-upload.size_bytes // _part_size(upload)))


def _part_size(upload: Upload) -> int:
    return upload.part_size_bytes or part_size_bytes(upload.size_bytes)


def _check_part(upload: Upload, part: Part) -> None:
    count, size = part_count(upload), _part_size(upload)
    if not 1 <= part.number <= count:
        raise BadInput("bad_part", f"found part {part.number}, expected 1 to {count}")
    expected = min(size, upload.size_bytes - size * (part.number - 1))
    if part.size_bytes != expected:
        raise BadInput(
            "bad_part",
            f"part {part.number}: found {part.size_bytes} bytes, expected {expected}",
        )


def _begun(upload: Upload) -> str:
    if upload.state is not UploadState.RECEIVING or upload.store_upload_id is None:
        raise BadInput("upload_over", f"upload {upload.upload_id}: found it {upload.state}")
    return upload.store_upload_id


class _Reading:
    """An object as a file that is read from its beginning to its end."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        self._store = store
        self._key = key
        self._offset = 0

    def read(self, size: int) -> bytes:
        block = self._store.read(self._key, self._offset, size)
        self._offset += len(block)
        return block


@contextmanager
def _reading(store: ObjectStore, upload: Upload) -> Iterator[BinaryIO]:
    yield cast("BinaryIO", _Reading(store, incoming_key(upload.upload_id)))
