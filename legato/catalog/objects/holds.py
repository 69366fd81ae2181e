"""Holds: while somebody writes an object nobody collects it, and the other way round.

A *write* hold is taken in a transaction of its own before anything is put, and released in the
transaction that enters the reference; any number may stand on a subject. A *collect* hold is
taken in the transaction that finds the subject without a write hold, then without a reference,
and takes its rows out of the catalogue; it stands alone. Objects are deleted under it alone, and
after that it ends.

Why no live object is ever collected: transactions that take a hold on one subject come one after
the other (`alone`).
- The writer was first. Either its hold still stands, and the collector leaves the subject alone;
  or it was released, then the reference was committed with that, and the collector, which looks
  for holds first and for references in a later statement, sees it. (SQLite has one writer; with
  PostgreSQL's READ COMMITTED each statement sees all that was committed before it.)
- The collector was first. The writer meets its hold and waits. When that has ended, what was
  there is gone, and the writer puts it again.
- A writer that was so slow that its hold fell has lost it to the collector: `release` raises, and
  the reference is not entered.
- A collector that was so slow that another took its hold over has lost it, however alive it is: the
  hold has another holder, and `renew` says so before more is deleted.
- Whoever refers to what is in the catalogue already locks its row, which the collector locks too:
  it sees the row while it is there, and refers to nothing that is not.

A hold stands until `until_ms`. Where its owner can be seen, which is on the same machine, a write
hold falls as soon as that is dead, and a collect hold never falls while that lives. A delete is
begun only in the first quarter of a collect hold's time and is over within the rest (the S3
client's time limits), so that none reaches the store after the hold has fallen; only a machine
that sleeps in between could be so late.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from legato.catalog.alone import alone
from legato.catalog.database import Database, new_id, now_ms
from legato.catalog.process_identity import lives, this_process
from legato.catalog.schema import HoldRow
from legato.errors import LegatoError, Unavailable

# Longer than any put takes.
_WRITE_MS: Final = 6 * 3600 * 1000
# Four times the longest that a delete takes to begin, and longer than one takes to end.
_COLLECT_MS: Final = 60_000
RENEWED_EVERY_S: Final = _COLLECT_MS / 4000
_PATIENCE_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.1
_NOBODY: Final = ""
_NEVER: Final = Event()

log = structlog.get_logger()


class Purpose(StrEnum):
    WRITE = "write"
    COLLECT = "collect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One holder's on what `subject` names; `not_before_ms`: until then it must go on standing."""

    subject: str
    holder: str
    not_before_ms: int = 0


def of_master(master_id: str) -> str:
    return f"masters/{master_id}"


def of_asset(asset_id: str) -> str:
    return f"audio/{asset_id}"


def of_artwork(artwork_id: str) -> str:
    return f"artwork/{artwork_id}"


@contextmanager
def writing(database: Database, subject: str, *, patience_s: float = _PATIENCE_S) -> Iterator[Hold]:
    """Hold `subject` while its objects are put; the block ends with `release`.

    What is being collected is waited for; raises Unavailable `being_collected` where that takes
    long. An error lets go; a process that ends in the middle has let go by being dead.
    """
    hold = _wait_to_write(database, subject, patience_s)
    try:
        yield hold
    except Exception:
        with suppress(LegatoError), database.write() as session:
            session.execute(delete(HoldRow).where(*_is(hold)))
        raise


def _wait_to_write(database: Database, subject: str, patience_s: float) -> Hold:
    deadline = time.monotonic() + patience_s
    while True:
        with database.write() as session:
            hold = take_write(session, subject)
        if hold is not None:
            return hold
        if time.monotonic() > deadline:
            log.warning("write_hold_refused", subject=subject)
            raise Unavailable("being_collected", "cannot be taken in now: try again in a minute")
        _NEVER.wait(_LOOK_EVERY_S)


def take_write(session: Session, subject: str) -> Hold | None:
    """A hold for whoever puts objects of `subject`; None while it is being collected."""
    alone(session, subject)
    if _standing(session, subject, Purpose.COLLECT):
        return None
    return _enter(session, subject, Purpose.WRITE, _WRITE_MS)


def take_collect(session: Session, subject: str) -> Hold | None:
    """A hold for whoever deletes objects of `subject`; None while anybody holds it.

    The caller looks for references after this, in the same transaction, and rolls back what
    should not have been taken with `end`.
    """
    alone(session, subject)
    if any(_standing(session, subject, purpose) for purpose in Purpose):
        return None
    return _enter(session, subject, Purpose.COLLECT, _COLLECT_MS)


def release(session: Session, hold: Hold) -> None:
    """End a write hold in the transaction that enters the reference.

    Raises Unavailable `hold_lost` where it has fallen and the objects may have been collected.
    """
    gone = session.execute(delete(HoldRow).where(*_is(hold)).returning(HoldRow.holder))
    if gone.first() is None:
        raise Unavailable("hold_lost", f"{hold.subject}: took too long to be put: try again")


def renew(session: Session, hold: Hold) -> bool:
    """Let a collect hold stand for its whole time again; False where it has been lost."""
    kept = session.execute(
        update(HoldRow)
        .where(*_is(hold))
        .values(until_ms=now_ms() + _COLLECT_MS)
        .returning(HoldRow.holder)
    )
    return kept.first() is not None


def end(session: Session, hold: Hold) -> None:
    """End a collect hold: its objects are gone, or were left alone.

    One that was taken over stands until nothing that its first owner had begun can happen.
    """
    if now_ms() >= hold.not_before_ms:
        session.execute(delete(HoldRow).where(*_is(hold)))
        return
    still = update(HoldRow).where(*_is(hold))
    session.execute(still.values(owner=_NOBODY, until_ms=hold.not_before_ms))


def held(session: Session, subjects: Collection[str]) -> set[str]:
    """Those of these that somebody holds."""
    rows = session.scalars(select(HoldRow).where(HoldRow.subject.in_(subjects)))
    return {row.subject for row in rows if _stands(row)}


def abandoned(session: Session) -> list[str]:
    """What somebody who died has begun to delete."""
    return [row.subject for row in session.scalars(_collecting()) if _is_abandoned(row)]


def take_over(session: Session) -> list[Hold]:
    """The collect holds of those who died with work in hand; the caller goes on with it.

    Whoever only seemed dead has lost them.
    """
    rows = session.scalars(_collecting().with_for_update(skip_locked=True)).all()
    taken = [_take(row) for row in rows if _is_abandoned(row)]
    session.flush()
    return taken


def forget_fallen(session: Session) -> None:
    """Drop what writers left that have died, and holds whose time is over and that did their work.

    A collect hold is not dropped before somebody has taken it over.
    """
    for row in session.scalars(select(HoldRow).with_for_update(skip_locked=True)):
        finished = row.purpose == Purpose.WRITE or row.owner == _NOBODY
        if finished and not _stands(row):
            session.delete(row)


def _standing(session: Session, subject: str, purpose: Purpose) -> bool:
    """Whether a hold of this purpose stands; those that have fallen are gone after this."""
    standing = False
    query = select(HoldRow).where(HoldRow.subject == subject, HoldRow.purpose == purpose)
    for row in session.scalars(query).all():
        if _stands(row):
            standing = True
        else:
            session.delete(row)
    session.flush()
    return standing


def _stands(row: HoldRow) -> bool:
    in_time, lives_here = row.until_ms > now_ms(), lives(row.owner)
    if row.purpose == Purpose.WRITE:
        return in_time and lives_here is not False
    return in_time or lives_here is True


def _is_abandoned(row: HoldRow) -> bool:
    """Its owner is dead, or so far away and silent that it must be."""
    here = lives(row.owner)
    return here is False or (here is None and row.until_ms <= now_ms())


def _collecting() -> Select[HoldRow]:
    query = select(HoldRow).where(HoldRow.purpose == Purpose.COLLECT, HoldRow.owner != _NOBODY)
    return query.order_by(HoldRow.subject)


def _take(row: HoldRow) -> Hold:
    hold = Hold(subject=row.subject, holder=new_id(), not_before_ms=row.until_ms)
    row.holder, row.owner = hold.holder, this_process()
    row.until_ms = now_ms() + _COLLECT_MS
    return hold


def _enter(session: Session, subject: str, purpose: Purpose, lasting_ms: int) -> Hold:
    hold = Hold(subject=subject, holder=new_id())
    session.add(
        HoldRow(
            subject=subject, holder=hold.holder, purpose=purpose, owner=this_process(),
            until_ms=now_ms() + lasting_ms,
        )
    )  # fmt: skip
    session.flush()
    return hold


def _is(hold: Hold) -> tuple[ColumnElement[bool], ...]:
    return HoldRow.subject == hold.subject, HoldRow.holder == hold.holder
