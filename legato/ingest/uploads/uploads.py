"""Uploads in pieces: begun, held by one writer, and made a track of, once."""

from functools import partial
from typing import Final

from legato.catalog.database import Database
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Announced, Upload, UploadKind, UploadState
from legato.errors import BadInput, Forbidden, LegatoError, NotFound, Unavailable
from legato.ingest.intake import Intake, Spooled
from legato.ingest.uploads.entry import begin, end, enter, submission
from legato.ingest.uploads.running_hash import RunningHash, RunningHashes
from legato.ingest.uploads.upload_file import UploadFile
from legato.ingest.uploads.upload_folder import UploadFolder
from legato.settings import Settings

FOLDER: Final = "uploads"


class Uploads:
    """A deployment's uploads by tus; for any number of threads.

    What is in the catalogue says whose they are and what becomes of them; how much has come is
    how long the file is. Whoever changes an upload holds its file.
    """

    def __init__(self, database: Database, intake: Intake, settings: Settings) -> None:
        self.max_bytes = settings.max_upload_bytes
        self.folder = UploadFolder(settings.scratch / FOLDER)
        self.hashes = RunningHashes()
        self._database = database
        self._intake = intake
        self._settings = settings

    def begin(self, announced: Announced, actor: str) -> Upload:
        """Enter an upload, of which nothing has come yet; raises as `entry.begin`."""
        folder_id = self.folder.id()
        with self._database.write() as session:
            return begin(session, announced, self._settings, actor, folder_id=folder_id)

    def find(self, upload_id: str, tenant_id: str | None = None) -> Upload:
        """Raises NotFound `no_upload`, also for one that comes another way."""
        with self._database.read() as session:
            upload = uploads.find_upload(session, upload_id, tenant_id)
        if upload.kind is not UploadKind.TUS:
            raise NotFound("no_upload", f"upload {upload_id!r}: does not come by tus")
        return upload

    def check_here(self, upload: Upload) -> None:
        """Raises Unavailable `upload_elsewhere` where it arrives in another folder than ours."""
        here = self.folder.known_id()
        if upload.folder_id != here:
            raise Unavailable(
                "upload_elsewhere",
                f"upload {upload.upload_id}: arrives in the scratch folder {upload.folder_id}, "
                f"found {here} here",
            )

    def arrived(self, upload: Upload) -> int | None:
        """How many bytes have arrived; None where only another server knows, or the store."""
        if upload.is_safe:
            return upload.size_bytes
        here = upload.folder_id is not None and upload.folder_id == self.folder.known_id()
        return self.folder.size(upload.upload_id) if here else None

    def going_on(self, upload_id: str) -> Upload | None:
        """The upload, if it is no track yet, nor anything else."""
        with self._database.read() as session:
            return next(iter(uploads.receiving(session, [upload_id])), None)

    def prolong(self, upload_id: str) -> Upload:
        """It has moved: it expires later."""
        with self._database.write() as session:
            return uploads.prolong(session, upload_id, self._settings.upload_ttl_s)

    def mark_complete(self, upload: Upload) -> None:
        """All of it is safe: it may be acknowledged, and never expires."""
        with self._database.write() as session:
            uploads.mark_complete(session, upload.upload_id)

    def finish(self, upload: Upload, file: UploadFile, running: RunningHash, actor: str) -> Upload:
        """Make a track of an upload whose bytes are all there and held.

        Killed anywhere, it is done again by whoever comes next, and makes no second track. What
        cannot become one for what it is, is refused for good, with the error that is raised;
        Unavailable and Corrupt leave it as it is.
        """
        file.sync()
        running.catch_up(file)
        try:
            self._take(upload, file, running.hexdigest(), actor)
        except (BadInput, Forbidden, NotFound) as error:
            self.end(upload, file, actor, UploadState.REFUSED, error)
            raise
        file.remove()
        return self.find(upload.upload_id)

    def end(
        self,
        upload: Upload,
        file: UploadFile,
        actor: str,
        state: UploadState,
        error: LegatoError | None = None,
    ) -> None:
        """Forget what has come of an upload; nothing is to be made of it."""
        with self._database.write() as session:
            end(session, upload, actor, state, error)
        file.remove()

    def _take(self, upload: Upload, file: UploadFile, master_id: str, actor: str) -> None:
        path = file.whole()
        spooled = Spooled(path=path, master_id=master_id, size_bytes=file.size)
        entry = submission(upload, path, actor=actor, grant_ttl_s=self._settings.grant_ttl_s)
        entered = partial(enter, upload, master_id, actor)
        self._intake.take(spooled, entry, on_entered=entered)
