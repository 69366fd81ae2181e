"""Uploads straight to the object store: begun, completed, and then taken in by a worker."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from legato.catalog import jobs
from legato.catalog.accounts import audit
from legato.catalog.database import Database, new_id
from legato.catalog.jobs import JobKind
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Announced, InStore, Upload, UploadKind, UploadState
from legato.errors import BadInput, Forbidden, LegatoError, NotFound
from legato.ingest.intake import Intake
from legato.ingest.uploads.entry import begin, end, enter, submission
from legato.ingest.uploads.object_source import ObjectSource, OnRead
from legato.ingest.uploads.parts import check_part, part_count, part_size_bytes
from legato.settings import Settings
from legato.storage.direct_uploads import (
    DirectUploads,
    Part,
    PartAddress,
    StoredPart,
    incoming_key,
)
from legato.storage.object_store import ObjectStore

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
        """Enter an upload; raises as `entry.begin`, and Unavailable `store_unavailable`.

        The store is asked first: an upload that is entered can be sent.
        """
        upload_id = new_id()
        begun = self._direct.begin(upload_id)
        in_store = InStore(
            upload_id=upload_id,
            store_upload_id=begun,
            part_size_bytes=part_size_bytes(announced.size_bytes),
        )
        try:
            with self._database.write() as session:
                return begin(session, announced, self._settings, actor, in_store)
        except LegatoError:
            self._direct.abort(upload_id, begun)
            raise

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
            check_part(upload, part)
        self._keep(upload)
        return [
            self._direct.address(upload.upload_id, begun, part, ttl_s=ADDRESS_TTL_S)
            for part in parts
        ]

    def stored(self, upload: Upload) -> list[StoredPart]:
        """The parts that need not be sent again."""
        return self._direct.stored(upload.upload_id, _begun(upload))

    def complete(self, upload: Upload, parts: Sequence[Part]) -> None:
        """All parts are there: from here on the master is safe, and a worker takes it in.

        Once more is a no-op, whatever has become of it since, but that it was ended. Raises
        BadInput `bad_part`, `upload_over`.
        """
        if upload.is_safe:
            return
        try:
            self._complete(upload, parts)
        except (BadInput, NotFound):  # by another request meanwhile
            if not self.find(upload.upload_id).is_safe:
                raise

    def _complete(self, upload: Upload, parts: Sequence[Part]) -> None:
        begun, expected = _begun(upload), part_count(upload)
        if [part.number for part in parts] != list(range(1, expected + 1)):
            raise BadInput("bad_part", f"found {len(parts)} parts, expected 1 to {expected}")
        for part in parts:
            check_part(upload, part)
        self._keep(upload)
        self._direct.complete(upload.upload_id, begun, parts)
        try:
            with self._database.write() as session:
                uploads.keep_receiving(session, upload.upload_id, self._settings.upload_ttl_s)
                uploads.mark_complete(session, upload.upload_id)
                jobs.enqueue(session, JobKind.RECEIVE, upload.upload_id)
        except BadInput:  # ended while the store was at it
            self._clear(upload)
            raise

    def abort(self, upload: Upload, actor: str) -> None:
        """Forget what has come of an upload; of one that is a track already, nothing."""
        with self._database.write() as session:
            end(session, upload, actor, UploadState.ENDED)
            jobs.cancel(session, JobKind.RECEIVE, upload.upload_id)
        self._clear(upload)

    def remove_expired(self) -> None:
        """End uploads that have not moved for too long, and clear what the store has of others."""
        with self._database.read() as session:
            late = uploads.expired(session, UploadKind.DIRECT)
        for upload in late:
            with self._database.write() as session:
                if uploads.is_late(session, upload.upload_id):
                    end(session, upload, audit.WORKER, UploadState.EXPIRED)
        with self._database.read() as session:
            over = uploads.uncleared(session)
        for upload in over:
            self._clear(upload)

    def receive(self, upload: Upload, actor: str, on_read: OnRead = lambda _done: None) -> None:
        """Make a track of an upload that is complete; done twice, it makes no second one.

        What cannot become a track for what it is, is refused for good. Unavailable and Corrupt are
        raised, and leave it as it is. `on_read` hears how many bytes have been read.
        """
        if upload.state is UploadState.RECEIVING:
            try:
                self._take(upload, actor, on_read)
            except (BadInput, Forbidden, NotFound) as error:
                with self._database.write() as session:
                    end(session, upload, actor, UploadState.REFUSED, error)
        self._clear(upload)

    def _take(self, upload: Upload, actor: str, on_read: OnRead) -> None:
        source = ObjectSource(self._store, incoming_key(upload.upload_id), on_read)
        with self._intake.spool(source, upload.size_bytes) as spooled:
            entry = submission(
                upload, spooled.path, actor=actor, grant_ttl_s=self._settings.grant_ttl_s
            )
            entered = partial(enter, upload, spooled.master_id, actor)
            self._intake.take(spooled, entry, on_entered=entered)

    def _keep(self, upload: Upload) -> None:
        with self._database.write() as session:
            uploads.keep_receiving(session, upload.upload_id, self._settings.upload_ttl_s)

    def _clear(self, upload: Upload) -> None:
        """Of an upload that is over the store keeps nothing; cut short, the next sweep goes on."""
        if upload.store_upload_id is not None:
            self._direct.abort(upload.upload_id, upload.store_upload_id)
        self._store.delete(incoming_key(upload.upload_id))
        with self._database.write() as session:
            uploads.mark_cleared(session, upload.upload_id)


def _begun(upload: Upload) -> str:
    if upload.state is not UploadState.RECEIVING or upload.store_upload_id is None:
        raise BadInput("upload_over", f"upload {upload.upload_id}: found it {upload.state}")
    return upload.store_upload_id
