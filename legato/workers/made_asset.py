"""An asset that has been made, and how it becomes one that is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from legato.catalog import jobs, tracks
from legato.catalog.database import Database
from legato.catalog.jobs import Job
from legato.catalog.objects import holds, recordings
from legato.manifests.manifest import asset_key
from legato.storage.object_store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """One file of an asset: its bytes, or where they are."""

    name: str
    media_type: str
    content: bytes | Path

    def put(self, store: ObjectStore, asset_id: str) -> None:
        key = asset_key(asset_id, self.name)
        if isinstance(self.content, bytes):
            store.put(key, self.content, media_type=self.media_type)
        else:
            store.put_file(key, self.content, media_type=self.media_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAsset:
    """An asset with its files, in the order in which they are stored."""

    asset_id: str
    audio_id: str
    ladder: str
    files: Sequence[MadeFile]


def store_asset(database: Database, store: ObjectStore, job: Job, made: MadeAsset) -> None:
    """Store an asset and settle the job: every track that waits for the recording is ready.

    Where nobody wanted the recording any more and it has been collected meanwhile, the job alone
    ends; the collector takes the files, as all that the catalogue does not know.

    Raises Unavailable where an old copy of the asset is just being collected, LeaseLostError
    where the job is somebody else's by now.
    """
    with holds.writing(database, holds.of_asset(made.asset_id)) as hold:
        for file in made.files:
            file.put(store, made.asset_id)
        with database.write() as session:
            holds.release(session, hold)
            if recordings.lock_recording(session, made.audio_id):
                delivered = recordings.add_asset(session, made.asset_id, made.audio_id, made.ladder)
                tracks.mark_audio_ready(session, made.audio_id, delivered)
                jobs.finish(session, job)
            else:
                jobs.let_go(session, job)
