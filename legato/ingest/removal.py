"""Deleting objects: only ever under a collect hold, and finished by the next where it was cut."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from legato.catalog.database import Database
from legato.catalog.objects import holds
from legato.catalog.objects.holds import Hold
from legato.errors import Unavailable
from legato.ingest.stored_subject import objects_of
from legato.storage.object_store import ObjectStore

# Takes a subject out of the catalogue, if nothing needs it; answers whether it has.
Take = Callable[[Session, str], bool]


class Removal:
    """Removes subjects: out of the catalogue in one transaction, then out of the store.

    Each answers the subjects that are gone, with the bytes that this has freed. An error leaves
    the rest held, for whoever comes next.
    """

    def __init__(self, database: Database, store: ObjectStore) -> None:
        self._database = database
        self._store = store

    def remove(self, subjects: Sequence[str], take: Take) -> dict[str, int]:
        """Those of `subjects` that nobody holds and that could be taken."""
        since_s = time.monotonic()
        with self._database.write() as session:
            tried = [_take(session, subject, take) for subject in subjects]
        return self._delete([hold for hold in tried if hold is not None], since_s)

    def finish(self) -> dict[str, int]:
        """What somebody who died had begun to delete."""
        since_s = time.monotonic()
        with self._database.write() as session:
            held = holds.take_over(session)
            holds.forget_fallen(session)
        return self._delete(held, since_s)

    def _delete(self, held: Sequence[Hold], since_s: float) -> dict[str, int]:
        standing = _Standing(self._database, held, since_s)
        freed = {}
        for hold in held:
            freed[hold.subject] = self._delete_objects(hold.subject, standing)
            standing.end(hold)
        return freed

    def _delete_objects(self, subject: str, standing: "_Standing") -> int:
        freed = 0
        for found in objects_of(self._store, subject):
            standing.check()
            self._store.delete(found.key)
            freed += found.size_bytes
        return freed


class _Standing:
    """Sees to it that nothing is deleted but while its hold stands for long enough.

    `since_s`: when the transaction began that took the holds, on the monotonic clock.
    """

    def __init__(self, database: Database, held: Sequence[Hold], since_s: float) -> None:
        self._database = database
        self._held = list(held)
        self._renewed_s = since_s

    def check(self) -> None:
        """Raises Unavailable `hold_lost` where somebody else has one of these by now."""
        if time.monotonic() - self._renewed_s < holds.RENEWED_EVERY_S:
            return
        now_s = time.monotonic()
        with self._database.write() as session:
            lost = [hold.subject for hold in self._held if not holds.renew(session, hold)]
        if lost:
            raise Unavailable("hold_lost", f"{lost[0]}: took too long to be deleted: try again")
        self._renewed_s = now_s

    def end(self, hold: Hold) -> None:
        """Its objects are gone: who waits to put them again waits no longer."""
        with self._database.write() as session:
            holds.end(session, hold)
        self._held.remove(hold)


def _take(session: Session, subject: str, take: Take) -> Hold | None:
    hold = holds.take_collect(session, subject)
    if hold is None or take(session, subject.partition("/")[2]):
        return hold
    holds.end(session, hold)
    return None
