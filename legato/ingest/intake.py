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

from legato.catalog import jobs
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.objects import holds
from legato.errors import BadInput, Forbidden, NotFound, Unavailable
from legato.ingest.master_key import master_key
from legato.ingest.scratch import SPOOL_PREFIX, half_received
from legato.ingest.scratch_errors import scratch_errors
from legato.storage.durable import FOLDER_MODE
from legato.storage.object_store import ObjectStore

_BLOCK_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A master that has arrived whole, in scratch, and is nobody's yet."""

    path: Path
    master_id: str
    size_bytes: int


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
    def spool(self, source: Source, most_bytes: int | None = None) -> Iterator[Spooled]:
        """Read all of `source`, hashing; what is not taken in by the end is gone.

        Raises BadInput `too_large` where more comes than `most_bytes`, without which it is
        LEGATO_MAX_UPLOAD_BYTES. Memory is bounded by one block.
        """
        with scratch_errors():
            self._scratch.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            path = self._scratch / f"{SPOOL_PREFIX}{secrets.token_hex(8)}"
            sink = path.open("wb")
        try:
            with sink:
                fcntl.flock(sink, fcntl.LOCK_EX)  # for as long as somebody is at it
                master_id, size_bytes = self._copy(
                    source, sink, self._max_bytes if most_bytes is None else most_bytes
                )
                with scratch_errors():
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

        From here on the master is safe. `begin` says what is done with it first. Raises what
        `submission.enter` and `on_entered` raise; for anything else Unavailable, also where an
        old copy of it is just being collected, or Corrupt: no fault of the master's.
        """
        master_id = spooled.master_id
        with holds.writing(self._database, holds.of_master(master_id)) as hold:
            with no_fault_of_the_master():
                self._store.put_file(
                    master_key(master_id), spooled.path, media_type="application/octet-stream"
                )
            with self._database.write() as session:
                holds.release(session, hold)
                track_id = submission.enter(session, spooled)
                on_entered(session, track_id)
                begin(session, track_id, master_id)
        return track_id

    @staticmethod
    def _copy(source: Source, sink: BinaryIO, most_bytes: int) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        while block := source.read(_BLOCK_SIZE):
            size += len(block)
            if size > most_bytes:
                raise BadInput(
                    "too_large",
                    f"found more than {most_bytes} bytes, expected at most as many "
                    "(LEGATO_MAX_UPLOAD_BYTES)",
                )
            digest.update(block)
            with scratch_errors():
                sink.write(block)
        return digest.hexdigest(), size


@contextmanager
def no_fault_of_the_master() -> Iterator[None]:
    """Whatever the store says, and our own settings of it, will pass: Unavailable.

    Never what a master could be refused for.
    """
    try:
        yield
    except (BadInput, Forbidden, NotFound) as error:
        raise Unavailable("store_unavailable", f"{error.code}: {error.message}") from error
