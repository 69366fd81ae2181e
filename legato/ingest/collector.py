"""The collector: removes what nothing needs any more, and nothing else.

What nothing has referred to for the grace period leaves the catalogue and then the store, under a
collect hold (`legato.catalog.objects.holds` says why that is safe beside whoever writes). Objects
that the catalogue does not know, of somebody who was killed, go when they are as old as that.
Killed at any moment, the next run goes on: the holds tell it what was to be deleted.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Final, TypeVar

import structlog
from sqlalchemy.orm import Session

from legato.catalog import deletion, replacements
from legato.catalog.accounts import audit
from legato.catalog.database import Database, now_ms
from legato.catalog.objects import collectable, holds
from legato.catalog.objects.references import ARTWORKS, ASSETS, MASTERS, Kind
from legato.ingest import scratch
from legato.ingest.removal import Removal, Take
from legato.ingest.stored_subject import FOLDERS, objects_of, subjects_below
from legato.storage.object_store import ObjectStore, StoredObject
from legato.transcode.ladder import LADDER

_BATCH: Final = 200

T = TypeVar("T")
Page = TypeVar("Page", str, tuple[str, str])
# What has gone, a name and the bytes that this has freed.
Gone = dict[str, int]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may go: nothing has needed it for `grace_s`. A dry run finds it, and leaves it.

    `grant_ttl_s` is how long grants are good for: so long, what was denied stays denied.
    """

    grace_s: float
    grant_ttl_s: int
    dry_run: bool = False


@dataclass(slots=True)
class Tally:
    """How many things of a kind, and the bytes of their objects."""

    count: int = 0
    size_bytes: int = 0


@dataclass(slots=True)
class Collected:
    """What a run has removed, or would have, by kind."""

    by_kind: dict[str, Tally] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        return sum(tally.size_bytes for tally in self.by_kind.values())

    def to_json(self) -> dict[str, dict[str, int]]:
        return {
            kind: {"count": tally.count, "size_bytes": tally.size_bytes}
            for kind, tally in self.by_kind.items()
        }


class Collector:
    """One run over a catalogue and its store; any number may run beside each other.

    `on_progress` is told of each batch. Memory is bounded by one batch.
    """

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        scratch_folder: Path,
        policy: Policy,
        on_progress: Callable[[str, Tally], None] = lambda _kind, _tally: None,
    ) -> None:
        self._database = database
        self._store = store
        self._scratch = scratch_folder
        self._policy = policy
        self._on_progress = on_progress
        self._removal = Removal(database, store)

    def run(self) -> Collected:
        """Raises Unavailable where the catalogue or the store is; the next run goes on."""
        collected = Collected()
        for kind, gone in (
            ("unfinished", self._unfinished()),
            ("former audio", self._former_audio()),
            ("replacements", self._replacements()),
            ("tracks", self._tracks()),
            ("assets", self._unreferenced(ASSETS, holds.of_asset, self._take_asset)),
            ("masters", self._masters()),
            ("artworks", self._unreferenced(ARTWORKS, holds.of_artwork, self._take_artwork)),
            ("recordings", self._recordings()),
            ("orphans", self._orphans()),
            ("scratch", self._left_in_scratch()),
        ):
            tally = collected.by_kind[kind] = Tally()
            for batch in gone:
                self._tell(kind, tally, batch)
        if not self._policy.dry_run and any(one.count for one in collected.by_kind.values()):
            self._record(collected)
        return collected

    def _tell(self, kind: str, tally: Tally, gone: Gone) -> None:
        for name, size_bytes in gone.items():
            tally.count += 1
            tally.size_bytes += size_bytes
            if not self._policy.dry_run:
                log.info("collected", kind=kind, name=name, size_bytes=size_bytes)
        self._on_progress(kind, tally)

    def _record(self, collected: Collected) -> None:
        with self._database.write() as session:
            audit.record(
                session, tenant_id=None, actor=audit.COMMAND_LINE, action="store.collected",
                subject="store", details=collected.to_json(),
            )  # fmt: skip

    @property
    def _before_ms(self) -> int:
        """What was let go of after this stays for now."""
        return now_ms() - int(self._policy.grace_s * 1000)

    def _pages(self, find: Callable[..., list[Page]], first: Page) -> Iterator[list[Page]]:
        """Pages of what is found, each from behind the last of the one before."""
        after = first
        while True:
            with self._database.read() as session:
                page = find(session, after=after, limit=_BATCH)
            if not page:
                return
            yield page
            after = page[-1]

    def _unfinished(self) -> Iterator[Gone]:
        if not self._policy.dry_run:
            yield self._removal.finish()
            return
        with self._database.read() as session:
            subjects = holds.abandoned(session)
        yield self._sizes(subjects)

    def _former_audio(self) -> Iterator[Gone]:
        now = now_ms()
        find = partial(replacements.removable_former, before_ms=now)
        for page in self._pages(find, ("", "")):
            if not self._policy.dry_run:
                with self._database.write() as session:
                    replacements.drop_former(session, page, before_ms=now)
            yield _of_no_size(f"{track_id} {master_id}" for track_id, master_id in page)

    def _replacements(self) -> Iterator[Gone]:
        find = partial(replacements.removable_candidates, before_ms=self._before_ms)
        for page in self._pages(find, ""):
            if not self._policy.dry_run:
                with self._database.write() as session:
                    replacements.drop_candidates(session, page)
            yield _of_no_size(page)

    def _tracks(self) -> Iterator[Gone]:
        find = partial(deletion.removable, before_ms=self._before_ms)
        for page in self._pages(find, ""):
            if not self._policy.dry_run:
                with self._database.write() as session:
                    deletion.remove(session, page, grant_ttl_s=self._policy.grant_ttl_s)
            yield _of_no_size(page)

    def _masters(self) -> Iterator[Gone]:
        """Their bytes; and the rows of those that were kept for a track that was refused."""
        yield from self._unreferenced(MASTERS, holds.of_master, self._take_master)
        if not self._policy.dry_run:
            for page in self._pages(collectable.bare_masters, ""):
                with self._database.write() as session:
                    collectable.remove_bare_masters(session, page)

    def _unreferenced(
        self, kind: Kind, subject_of: Callable[[str], str], take: Take
    ) -> Iterator[Gone]:
        """What nothing refers to. Marks that are wrong are mended: grace begins now, or later."""
        if not self._policy.dry_run:
            for page in self._pages(partial(collectable.wrongly_marked, kind=kind), ""):
                with self._database.write() as session:
                    collectable.mark(session, kind, page)
        find = partial(collectable.due, kind=kind, before_ms=self._before_ms)
        for page in self._pages(find, ""):
            yield self._remove([subject_of(id_) for id_ in page], take)

    def _take_asset(self, session: Session, asset_id: str) -> bool:
        ttl_s = self._policy.grant_ttl_s
        return collectable.take_asset(session, asset_id, self._before_ms, grant_ttl_s=ttl_s)

    def _take_master(self, session: Session, master_id: str) -> bool:
        return collectable.take_master(session, master_id, self._before_ms)

    def _take_artwork(self, session: Session, artwork_id: str) -> bool:
        return collectable.take_artwork(session, artwork_id, self._before_ms)

    def _recordings(self) -> Iterator[Gone]:
        find = partial(collectable.unneeded_recordings, before_ms=self._before_ms)
        for page in self._pages(find, ""):
            if self._policy.dry_run:
                yield _of_no_size(page)
                continue
            with self._database.write() as session:
                gone = collectable.take_recordings(session, page, LADDER.revision)
            yield _of_no_size(gone)

    def _orphans(self) -> Iterator[Gone]:
        """Objects that the catalogue does not know, that nobody holds, and that are old."""
        for folder in FOLDERS:
            take = partial(_take_unowned, folder=folder)
            for subjects in _batches(self._old_subjects(folder)):
                ids = [subject.partition("/")[2] for subject in subjects]
                with self._database.read() as session:
                    owned = {f"{folder}/{id_}" for id_ in collectable.owned(session, folder, ids)}
                    owned |= holds.held(session, subjects)
                orphans = [subject for subject in subjects if subject not in owned]
                if orphans:
                    yield self._remove(orphans, take)

    def _left_in_scratch(self) -> Iterator[Gone]:
        left = scratch.left_over(self._scratch, self._database)
        yield {path.name: scratch.size_of(path) for path in left}
        if not self._policy.dry_run:
            for path in left:
                scratch.remove(path)

    def _old_subjects(self, folder: str) -> Iterator[str]:
        """What stands in a folder of the store, if all of it is as old as the grace period."""
        for subject, found in groupby(subjects_below(self._store, folder), lambda one: one[0]):
            newest_s = max(stored.modified_at_s for _, stored in found)
            if subject is not None and newest_s <= time.time() - self._policy.grace_s:
                yield subject

    def _remove(self, subjects: list[str], take: Take) -> Gone:
        if self._policy.dry_run:
            return self._sizes(subjects)
        return self._removal.remove(subjects, take)

    def _sizes(self, subjects: Iterable[str]) -> Gone:
        return {subject: _size(objects_of(self._store, subject)) for subject in subjects}


def _take_unowned(session: Session, id_: str, folder: str) -> bool:
    return not collectable.owned(session, folder, [id_])


def _size(objects: Iterable[StoredObject]) -> int:
    return sum(one.size_bytes for one in objects)


def _of_no_size(names: Iterable[str]) -> Gone:
    return dict.fromkeys(names, 0)


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, _BATCH)):
        yield batch
