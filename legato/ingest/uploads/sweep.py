"""What killed processes and forgetful senders leave behind."""

from typing import Final

import structlog

from legato.catalog.accounts import audit
from legato.catalog.database import Database, now_ms
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Upload, UploadKind, UploadState
from legato.errors import Corrupt, LegatoError, Unavailable
from legato.ingest.uploads.entry import end
from legato.ingest.uploads.upload_file import UploadFile
from legato.ingest.uploads.uploads import Uploads

_IDS_A_QUERY: Final = 500

log = structlog.get_logger()


class UploadSweep:
    """Finishes what was interrupted and removes what nobody goes on with; all of it may be redone.

    What somebody else holds, or another folder, is left to them. What cannot be done now is
    logged, and done later.
    """

    def __init__(self, those: Uploads, database: Database, ttl_s: int) -> None:
        self._uploads = those
        self._database = database
        self._ttl_s = ttl_s

    def finish_interrupted(self) -> None:
        """Make tracks of uploads that are whole, and remove files that no upload needs."""
        ids = self._uploads.folder.upload_ids()
        for start in range(0, len(ids), _IDS_A_QUERY):
            some = ids[start : start + _IDS_A_QUERY]
            with self._database.read() as session:
                going_on = {one.upload_id: one for one in uploads.receiving(session, some)}
            for upload_id in some:
                upload = going_on.get(upload_id)
                if upload is None or self._is_whole(upload):
                    self._settle(upload_id, expire=False)

    def remove_expired(self) -> None:
        """End uploads that have not moved for too long, and forget those that ended long ago."""
        with self._database.read() as session:
            late = uploads.expired(session, UploadKind.TUS)
        here = self._uploads.folder.known_id()
        for upload in late:
            if upload.folder_id == here:
                self._settle(upload.upload_id, expire=True)
            elif upload.expires_at_ms <= now_ms() - self._ttl_s * 1000:
                self._expire_elsewhere(upload)
        with self._database.write() as session:
            uploads.forget(session, self._ttl_s)

    def _expire_elsewhere(self, upload: Upload) -> None:
        """Nobody with its folder has ended it in all that time: the folder is lost."""
        with self._database.write() as session:
            if uploads.is_late(session, upload.upload_id):
                end(session, upload, audit.WORKER, UploadState.EXPIRED)

    def _settle(self, upload_id: str, *, expire: bool) -> None:
        file = self._uploads.folder.hold(upload_id)
        if file is None:
            return
        with file:
            try:
                self._settle_held(self._uploads.going_on(upload_id), file, expire=expire)
            except LegatoError as error:
                log.warning(
                    "upload_unfinished", upload=upload_id, code=error.code, error=error.message
                )
            except Exception:  # it keeps no other from its turn
                log.exception("upload_unfinished", upload=upload_id, code="internal")

    def _settle_held(self, upload: Upload | None, file: UploadFile, *, expire: bool) -> None:
        if upload is None:
            file.remove()
        elif file.size == upload.size_bytes:
            self._finish(upload, file)
        elif expire and upload.complete_at_ms is None and upload.expires_at_ms <= now_ms():
            self._uploads.end(upload, file, audit.WORKER, UploadState.EXPIRED)

    def _finish(self, upload: Upload, file: UploadFile) -> None:
        """While it cannot be finished, its hash is kept: it need not be read at each try."""
        running = self._uploads.hashes.take(upload.upload_id)
        try:
            self._uploads.finish(upload, file, running, audit.WORKER)
        except (Corrupt, Unavailable):
            self._uploads.hashes.keep(upload.upload_id, running, file)
            raise

    def _is_whole(self, upload: Upload) -> bool:
        return self._uploads.folder.size(upload.upload_id) == upload.size_bytes
