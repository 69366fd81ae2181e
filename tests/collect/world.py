"""A small deployment: real catalogue, real store, tiny masters that need no ffmpeg."""

import hashlib
import json
import os
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from legato.catalog import jobs, tracks
from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import EVERY_SCOPE, KeyHolder
from legato.catalog.database import Database
from legato.catalog.jobs import Job, JobKind, JobState
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.process_identity import this_process
from legato.catalog.schema import (
    ArtworkRow,
    AssetRow,
    FormerAudioRow,
    HoldRow,
    JobRow,
    MasterRow,
    TrackRow,
)
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Metadata, Track
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.ingest.collector import Collected, Collector, Policy
from legato.ingest.encode_subject import audio_id_of
from legato.ingest.heard import settle_identity
from legato.ingest.master_key import master_key
from legato.ingest.replacement import Replacement
from legato.ingest.submission import Submission
from legato.manifests.manifest import MANIFEST_FILE, asset_key
from legato.origin.edges.deletion import delete_track
from legato.origin.edges.takedown import restore, take_down
from legato.settings import Settings
from legato.transcode.ladder import LADDER
from legato.workers.encode_stage import deliver
from legato.workers.made_asset import MadeAsset, MadeFile
from tests.collect.interrupted_store import InterruptedStore
from tests.tenants import made_tenant

GRANT_TTL_S: Final = 3600
LEASE_S: Final = 600.0
BAD: Final = "noise"
_OGG: Final = "audio/ogg"
# What a week makes older.
_TIMES: Final[tuple[InstrumentedAttribute[int] | InstrumentedAttribute[int | None], ...]] = (
    MasterRow.unreferenced_at_ms, AssetRow.unreferenced_at_ms, ArtworkRow.unreferenced_at_ms,
    TrackRow.deleted_at_ms, TrackRow.created_at_ms, FormerAudioRow.until_ms, HoldRow.until_ms,
)  # fmt: skip


CATALOGUE: Final = "catalog.sqlite3"
# A file system in memory on every Linux: nothing here is about what survives a power cut.
FAST: Final = Path("/dev/shm")  # noqa: S108


@cache
def new_catalogue() -> bytes:
    """Migrating one takes longer than most tests."""
    with TemporaryDirectory(dir=FAST) as folder:
        database = Database(f"sqlite:///{folder}/{CATALOGUE}")
        database.migrate()
        database.close()
        return (Path(folder) / CATALOGUE).read_bytes()


class SmallDeployment(Deployment):
    """In whose store something may happen."""

    @cached_property
    def store(self) -> InterruptedStore:
        return InterruptedStore(super().store)


class World:
    """What tenants, workers and operators do to a deployment."""

    def __init__(self, data: Path, store: str | None = None, database: str | None = None) -> None:
        """`database` is one that has been migrated; without it, there is one in `data`."""
        data.mkdir(exist_ok=True)
        if database is None:
            (data / CATALOGUE).write_bytes(new_catalogue())
        self.deployment = SmallDeployment(
            Settings(
                data=data, store=store, database=database, grant_ttl_s=GRANT_TTL_S, _env_file=None
            )
        )
        self.database = self.deployment.database
        self.store = self.deployment.store

    def close(self) -> None:
        self.database.close()

    def holder(self, name: str) -> KeyHolder:
        with self.database.write() as session:
            tenant_id = made_tenant(session, name)
        return KeyHolder(tenant_id=tenant_id, key_id="tests", scopes=EVERY_SCOPE)

    def upload(self, by: KeyHolder, master: bytes) -> str:
        submission = Submission(
            tenant_id=by.tenant_id, metadata=Metadata(title="T", artist="A"), file_name="t.wav"
        )
        with self.deployment.intake.spool(BytesIO(master)) as spooled:
            return self.deployment.intake.take(spooled, submission)

    def replace(self, by: KeyHolder, track_id: str, master: bytes) -> None:
        replacement = Replacement(
            track_id=track_id, tenant_id=by.tenant_id, file_name="r.wav", grant_ttl_s=GRANT_TTL_S
        )
        with self.deployment.intake.spool(BytesIO(master)) as spooled:
            self.deployment.intake.take(spooled, replacement)

    def delete(self, by: KeyHolder, track_id: str) -> None:
        delete_track(self.deployment, track_id, by)

    def take_down(self, track_id: str) -> None:
        take_down(self.deployment, track_id, "because", actor=audit.COMMAND_LINE)

    def restore(self, track_id: str) -> None:
        restore(self.deployment, track_id)

    def find(self, track_id: str) -> Track:
        with self.database.read() as session:
            return tracks.find_track(session, track_id)

    def work(self, most: int = 1000, *, newest_first: bool = False) -> int:
        """Do so many jobs, as they came or the other way round; answers how many there were."""
        order = text("rowid DESC" if newest_first else "rowid")
        for done in range(most):
            with self.database.read() as session:
                queued = select(JobRow.job_id).where(JobRow.state == JobState.QUEUED)
                job_id = session.scalar(queued.order_by(order).limit(1))
            if job_id is None:
                return done
            self.do(job_id)
        return most

    def do(self, job_id: str) -> None:
        """Do a job, unless somebody else has it in hand."""
        with self.database.write() as session:
            leased = jobs.lease(session, job_id, this_process(), LEASE_S)
        if leased is not None:
            self._do(leased)

    def _do(self, job: Job) -> None:
        if job.kind is JobKind.IDENTIFY:
            self._identify(job)
        else:
            audio_id = audio_id_of(job.subject)
            deliver(self.deployment, job, lambda folder: made_asset(audio_id, folder))

    def _identify(self, job: Job) -> None:
        """As the stage does, with ears that only read what the master says of itself."""
        track = self.find(job.subject)
        sound = sound_of(self.store.read(master_key(track.master_id)))
        with self.database.write() as session:
            recordings.lock_recording(session, audio_id(sound))
            tracks.lock_track(session, track.track_id)
            jobs.finish(session, job)
            if sound == BAD:
                error = BadInput("not_audio", "found noise, expected audio")
                tracks.mark_refused(session, track.track_id, error)
            else:
                settle_identity(session, track.track_id, track.master_id, recording(sound))

    def collect(self, *, grace_s: float = 0, dry_run: bool = False) -> Collected:
        policy = Policy(grace_s=grace_s, grant_ttl_s=GRANT_TTL_S, dry_run=dry_run)
        scratch = self.deployment.settings.scratch
        return Collector(self.database, self.store, scratch, policy).run()

    def die(self) -> None:
        """Whoever holds or has leased anything is dead from now on, and a minute has passed."""
        dead = this_process().rpartition("/")[0] + "/0"
        self.store.interrupt(None)
        with self.database.write() as session:
            session.execute(update(HoldRow).values(until_ms=HoldRow.until_ms - 60_000))
            session.execute(update(HoldRow).where(HoldRow.owner != "").values(owner=dead))
            session.execute(update(JobRow).where(JobRow.owner.is_not(None)).values(owner=dead))
            jobs.release_dead(session)

    def wait(self, seconds: int) -> None:
        """Let everything that is there be older by so much."""
        with self.database.write() as session:
            for column in _TIMES:
                older = update(column.class_).where(column.is_not(None))
                session.execute(older.values({column.key: column - seconds * 1000}))
        for found in self.store.list(""):
            path = self.deployment.settings.data / "objects" / found.key
            os.utime(path, (found.modified_at_s - seconds, found.modified_at_s - seconds))

    def stored_keys(self) -> set[str]:
        return {found.key for found in self.store.list("")}

    def rows(self, column: InstrumentedAttribute[str]) -> set[str]:
        with self.database.read() as session:
            return set(session.scalars(select(column)))


def master_of(sound: str, wrapper: int) -> bytes:
    """A file that holds a sound, in one of many wrappers."""
    return json.dumps([sound, wrapper]).encode()


def sound_of(master: bytes) -> str:
    sound: str = json.loads(master)[0]
    return sound


def id_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def audio_id(sound: str) -> str:
    return id_of(f"audio {sound}".encode())


def asset_id(audio_id: str) -> str:
    return id_of(f"asset {audio_id}".encode())


def recording(sound: str) -> Recording:
    return Recording(
        audio_id=audio_id(sound), lossless=True, sample_rate_hz=44_100, channels=2, samples=44_100
    )


def objects_of_asset(audio_id: str) -> dict[str, bytes]:
    """What is delivered of a recording, by key."""
    files = {name: f"{audio_id} {name}".encode() for name in ("a.ogg", "b.ogg", MANIFEST_FILE)}
    return {asset_key(asset_id(audio_id), name): body for name, body in files.items()}


def made_asset(audio_id: str, folder: Path) -> MadeAsset:
    """What an encoder would have made: a file in scratch, and documents."""
    files = []
    for key, body in objects_of_asset(audio_id).items():
        name = key.rpartition("/")[2]
        content: bytes | Path = body
        if name == "a.ogg":
            content = folder / name
            content.write_bytes(body)
        files.append(MadeFile(name=name, media_type=_OGG, content=content))
    return MadeAsset(
        asset_id=asset_id(audio_id), audio_id=audio_id, ladder=LADDER.revision, files=files
    )


def is_ready(track: Track) -> bool:
    return track.state is TrackState.READY
