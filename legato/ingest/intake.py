"""From bytes that arrive to a catalogue entry, so that nothing acknowledged is ever lost."""

import fcntl
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from legato.catalog import jobs, recordings, tracks
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.recordings import Recording
from legato.catalog.tracks import Metadata
from legato.errors import BadInput, Unavailable
from legato.ingest.identity import Identity
from legato.storage.object_store import ObjectStore
from legato.transcode.ladder import LADDER

_BLOCK_SIZE: Final = 1 << 20
_SPOOL_PREFIX: Final = "upload-"
_YOUNG_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A master that has arrived whole, in scratch, and is nobody's yet."""

    path: Path
    master_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Who sends a master, and what they say of it."""

    tenant_id: str
    metadata: Metadata
    file_name: str
    public: bool = False


def master_key(master_id: str) -> str:
    return f"masters/{master_id[:2]}/{master_id}"


def encode_subject(audio_id: str) -> str:
    """What an encode job is about: a recording, at one revision of the ladder."""
    return f"{LADDER.revision}/{audio_id}"


def audio_id_of(encode_subject: str) -> str:
    """The recording that an encode job is about."""
    return encode_subject.rpartition("/")[2]


class Intake:
    """Takes masters in: spooled aside, then stored, then entered in the catalogue."""

    def __init__(
        self, database: Database, store: ObjectStore, scratch: Path, max_bytes: int
    ) -> None:
        self._database = database
        self._store = store
        self._scratch = scratch
        self._max_bytes = max_bytes

    @contextmanager
    def spool(self, source: BinaryIO) -> Iterator[Spooled]:
        """Read all of `source`, hashing; what is not taken in by the end is gone.

        Raises BadInput `too_large`. Memory is bounded by one block.
        """
        with _scratch_errors():
            self._scratch.mkdir(parents=True, exist_ok=True)
            path = self._scratch / f"{_SPOOL_PREFIX}{secrets.token_hex(8)}"
            sink = path.open("wb")
        try:
            with sink:
                fcntl.flock(sink, fcntl.LOCK_EX)  # for as long as somebody is at it
                master_id, size_bytes = self._copy(source, sink)
                with _scratch_errors():
                    sink.flush()
                yield Spooled(path=path, master_id=master_id, size_bytes=size_bytes)
        finally:
            path.unlink(missing_ok=True)

    def remove_abandoned(self) -> int:
        """Remove what killed processes left half received; answers how many files that were."""
        removed = 0
        for path in self._scratch.glob(f"{_SPOOL_PREFIX}*"):
            with suppress(OSError), path.open("rb") as file:
                if time.time() - path.stat().st_mtime < _YOUNG_S:
                    continue  # it may be about to be locked
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
        return removed

    def take(
        self, spooled: Spooled, submission: Submission, identity: Identity | None = None
    ) -> str:
        """Store the master and enter its track; answers the track's id.

        From here on the master is safe. Without an identity, a worker will identify it.
        """
        self._store.put_file(
            master_key(spooled.master_id), spooled.path, media_type="application/octet-stream"
        )
        with self._database.write() as session:
            recordings.add_master(session, spooled.master_id, spooled.size_bytes)
            track_id = tracks.add_track(
                session,
                tenant_id=submission.tenant_id,
                master_id=spooled.master_id,
                metadata=submission.metadata,
                file_name=submission.file_name,
                public=submission.public,
            )
            known = recordings.recording_of_master(session, spooled.master_id)
            if identity is not None:
                known = recording_of(identity)
            if known is not None:
                settle_identity(session, track_id, spooled.master_id, known)
            else:
                jobs.enqueue(session, JobKind.IDENTIFY, track_id)
        return track_id

    def _copy(self, source: BinaryIO, sink: BinaryIO) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        while block := source.read(_BLOCK_SIZE):
            size += len(block)
            if size > self._max_bytes:
                raise BadInput(
                    "too_large",
                    f"found more than {self._max_bytes} bytes, expected at most as many "
                    "(LEGATO_MAX_UPLOAD_BYTES)",
                )
            digest.update(block)
            with _scratch_errors():
                sink.write(block)
        return digest.hexdigest(), size


@contextmanager
def _scratch_errors() -> Iterator[None]:
    """What the disk says where masters arrive is no fault of theirs."""
    try:
        yield
    except OSError as error:
        raise Unavailable("scratch_unavailable", f"scratch folder: {error.strerror}") from error


def recording_of(identity: Identity) -> Recording:
    """What the catalogue keeps of an identity."""
    return Recording(
        audio_id=identity.audio_id,
        lossless=identity.probe.lossless,
        sample_rate_hz=identity.probe.sample_rate_hz,
        channels=identity.probe.channels,
        samples=identity.samples,
    )


def settle_identity(session: Session, track_id: str, master_id: str, recording: Recording) -> None:
    """Enter which recording a track is: ready if it has been encoded, else that is to be done."""
    recordings.identify_master(session, master_id, recording)
    tracks.mark_encoding(session, track_id, recording.audio_id)
    asset_id = recordings.asset_of(session, recording.audio_id, LADDER.revision)
    if asset_id is not None:
        tracks.mark_audio_ready(session, recording.audio_id, asset_id)
    else:
        jobs.enqueue(session, JobKind.ENCODE, encode_subject(recording.audio_id))
