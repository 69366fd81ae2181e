"""From bytes that arrive to a catalogue entry, so that nothing acknowledged is ever lost."""

import fcntl
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from sqlalchemy.orm import Session

from legato.catalog import jobs, track_tags, tracks
from legato.catalog.accounts import audit, quotas
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.objects import holds, recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.tracks import Metadata
from legato.errors import BadInput, Unavailable
from legato.ingest.scratch import SPOOL_PREFIX, half_received
from legato.ingest.tag_formats.neutral import NO_TAGS, Tags
from legato.storage.object_store import ObjectStore
from legato.transcode.ladder import LADDER

_BLOCK_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A master that has arrived whole, in scratch, and is nobody's yet."""

    path: Path
    master_id: str
    size_bytes: int


def note_tags(session: Session, track_id: str, tags: Tags) -> None:
    """Keep what a track's master says of itself; a cover in it, a worker takes."""
    track_tags.keep_tags(session, track_id, tags.to_json())
    if tags.pictures:
        jobs.enqueue(session, JobKind.ARTWORK, track_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Who sends a master, and what they say of it."""

    tenant_id: str
    metadata: Metadata
    file_name: str
    tags: Tags = NO_TAGS
    public: bool = False
    actor: str = audit.COMMAND_LINE
    counted: bool = False
    """Whether it has been held against the tenant's quotas: as an upload under way."""

    def enter(self, session: Session, spooled: Spooled) -> str:
        if not self.counted:
            quotas.check_upload(session, self.tenant_id, spooled.size_bytes, spooled.master_id)
        recordings.add_master(session, spooled.master_id, spooled.size_bytes)
        track_id = tracks.add_track(
            session,
            tenant_id=self.tenant_id,
            master_id=spooled.master_id,
            metadata=self.metadata,
            file_name=self.file_name,
            public=self.public,
        )
        note_tags(session, track_id, self.tags)
        audit.record(
            session, tenant_id=self.tenant_id, actor=self.actor, action="track.created",
            subject=track_id,
            details={"master_id": spooled.master_id, "file_name": self.file_name},
        )  # fmt: skip
        return track_id


class Source(Protocol):
    """Where a master is read from, once and in order."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        ...


class Entry(Protocol):
    """What a master is to be: a new track, or the new audio of one."""

    def enter(self, session: Session, spooled: Spooled) -> str:
        """Enter the master, which is in the store, and the track that it is judged as.

        Answers that track's id. Raises BadInput `quota_…`.
        """
        ...


# Called in the transaction that enters a track, with its id: what it does holds with that.
OnEntered = Callable[[Session, str], None]
# The same, with the ids of the track and of its master: what is done first with them.
Begin = Callable[[Session, str, str], None]


def _nothing_more(_session: Session, _track_id: str) -> None:
    return


def master_key(master_id: str) -> str:
    return f"masters/{master_id[:2]}/{master_id}"


def encode_subject(audio_id: str) -> str:
    """What an encode job is about: a recording, at this revision of the ladder."""
    return jobs.encode_subject(LADDER.revision, audio_id)


def audio_id_of(encode_subject: str) -> str:
    """The recording that an encode job is about."""
    return encode_subject.rpartition("/")[2]


def hear_later(session: Session, track_id: str, _master_id: str) -> None:
    """A worker is to hear the track's master."""
    jobs.enqueue(session, JobKind.IDENTIFY, track_id)


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
    def spool(self, source: Source) -> Iterator[Spooled]:
        """Read all of `source`, hashing; what is not taken in by the end is gone.

        Raises BadInput `too_large`. Memory is bounded by one block.
        """
        with _scratch_errors():
            self._scratch.mkdir(parents=True, exist_ok=True)
            path = self._scratch / f"{SPOOL_PREFIX}{secrets.token_hex(8)}"
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
        left = half_received(self._scratch)
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def take(
        self,
        spooled: Spooled,
        submission: Entry,
        begin: Begin = hear_later,
        on_entered: OnEntered = _nothing_more,
    ) -> str:
        """Store the master and enter its track; answers the track's id.

        From here on the master is safe. `begin` says what is done with it first. Raises
        BadInput `quota_…`, and Unavailable where an old copy of it is just being collected.
        """
        master_id = spooled.master_id
        with holds.writing(self._database, holds.of_master(master_id)) as hold:
            self._store.put_file(
                master_key(master_id), spooled.path, media_type="application/octet-stream"
            )
            with self._database.write() as session:
                holds.release(session, hold)
                track_id = submission.enter(session, spooled)
                on_entered(session, track_id)
                begin(session, track_id, master_id)
        return track_id

    def _copy(self, source: Source, sink: BinaryIO) -> tuple[str, int]:
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


def settle_identity(session: Session, track_id: str, master_id: str, recording: Recording) -> None:
    """Enter which recording a track is: ready if it has been encoded, else that is to be done."""
    recordings.identify_master(session, master_id, recording)
    tracks.mark_encoding(session, track_id, recording.audio_id)
    asset_id = recordings.asset_of(session, recording.audio_id, LADDER.revision)
    if asset_id is not None:
        tracks.mark_audio_ready(session, recording.audio_id, asset_id)
    else:
        jobs.enqueue(
            session, JobKind.ENCODE, encode_subject(recording.audio_id),
            asked_by=tracks.find_track(session, track_id).tenant_id,
        )  # fmt: skip
