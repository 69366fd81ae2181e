"""What one configuration names: a catalogue, an object store, an ffmpeg; here all is wired."""

from functools import cached_property
from typing import TYPE_CHECKING

from legato.catalog.database import Database
from legato.errors import BadInput
from legato.ingest.intake import Intake
from legato.ingest.uploads.direct import DirectIntake
from legato.ingest.uploads.uploads import Uploads
from legato.settings import Settings, load_settings
from legato.storage.object_store import ObjectStore
from legato.storage.open_store import open_direct_uploads, open_store
from legato.transcode.ffmpeg_binary import FfmpegBinary, find_ffmpeg
from legato.transcode.ladder import LADDER

if TYPE_CHECKING:  # numpy comes with these: 10 MB that a web process does not need
    from legato.ingest.identity import Listening
    from legato.transcode.encode import Encoding


class Deployment:
    """Everything is opened when it is first used, and not before."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        if self.settings.broker != "memory://":
            raise BadInput(
                "bad_setting", f"LEGATO_BROKER: found {self.settings.broker!r}, expected memory://"
            )

    @cached_property
    def database(self) -> Database:
        database = Database(self.settings.database_url)
        database.migrate()
        return database

    @cached_property
    def store(self) -> ObjectStore:
        return open_store(self.settings.store_url, self.settings.scratch)

    @cached_property
    def ffmpeg(self) -> FfmpegBinary:
        return find_ffmpeg(self.settings.ffmpeg)

    @property
    def listening(self) -> "Listening":
        from legato.ingest.identity import Listening  # noqa: PLC0415 - as above

        return Listening(
            binary=self.ffmpeg.path,
            stall_s=self.settings.stall_s,
            shortest_s=self.settings.min_duration_s,
            longest_s=self.settings.max_duration_s,
        )

    @property
    def encoding(self) -> "Encoding":
        from legato.transcode.encode import Encoding  # noqa: PLC0415 - as above

        return Encoding(
            ladder=LADDER,
            binary=self.ffmpeg.path,
            cores=self.settings.cores,
            stall_s=self.settings.stall_s,
        )

    @cached_property
    def intake(self) -> Intake:
        return Intake(
            self.database, self.store, self.settings.scratch, self.settings.max_upload_bytes
        )

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.database, self.intake, self.settings)

    @cached_property
    def direct_uploads(self) -> DirectIntake | None:
        """Uploads straight to the store; None where that is a folder."""
        settings = self.settings
        direct = open_direct_uploads(settings.store_url, settings.store_public_url)
        if direct is None:
            return None
        return DirectIntake(self.database, self.store, direct, self.intake, settings)
