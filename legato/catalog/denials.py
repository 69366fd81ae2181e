"""Denials: what is good no longer, kept until the last grant for it has expired by itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.insertion import insert_if_new
from legato.catalog.schema import DenialChangesRow, DenialRow, LongGrantRow

# LEGATO_GRANT_TTL_S may have been longer than it is now: so long, a denial outlives a change of it.
KEPT_AT_LEAST_S: Final = 30 * 24 * 3600
# The last second that the id of a grant can tell, in 2106.
FOR_GOOD_S: Final = 0xFFFF_FFFF


class DenialKind(StrEnum):
    """One grant; a track's grants of up to a time; an asset that no live track uses."""

    GRANT = "grant"
    TRACK = "track"
    ASSET = "asset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What is denied; times are Unix seconds."""

    kind: DenialKind
    subject: str
    denied_at_s: int
    until_s: int

    @property
    def line(self) -> str:
        """As edges are told of it, and as it is kept in a file."""
        return f"{self.kind} {self.subject} {self.denied_at_s} {self.until_s}\n"


def deny(session: Session, kind: DenialKind, subject: str, *, grant_ttl_s: int) -> Denial:
    """Deny what was granted until now, until the last grant for it has expired.

    What is denied for longer, or for good, stays so. `grant_ttl_s` is how long grants are good
    for now. Denials that are over go in passing.
    """
    now_s = now_ms() // 1000
    session.execute(delete(DenialRow).where(DenialRow.until_s <= now_s))
    until_s = max(now_s + max(grant_ttl_s, KEPT_AT_LEAST_S), _longest_grant_s(session))
    found = _find(session, kind, subject)
    return _put(
        session,
        kind,
        subject,
        denied_at_s=max(now_s, found.denied_at_s if found else 0),
        until_s=max(until_s, found.until_s if found else 0),
    )


def deny_for_good(session: Session, kind: DenialKind, subject: str) -> Denial:
    """Deny it, whenever it was granted, until somebody lets it be good; once more is a no-op."""
    return _put(session, kind, subject, denied_at_s=FOR_GOOD_S, until_s=FOR_GOOD_S)


def deny_until_now(session: Session, kind: DenialKind, subject: str) -> Denial:
    """Deny only what was granted until now, and that for good."""
    now_s = now_ms() // 1000
    return _put(session, kind, subject, denied_at_s=now_s, until_s=FOR_GOOD_S)


def let_lapse(session: Session, kind: DenialKind, subject: str, *, grant_ttl_s: int) -> None:
    """Deny it no longer than the last grant for it can be good; what is not denied stays so.

    For what nothing is granted of any more.
    """
    found = _find(session, kind, subject)
    if found is not None:
        last_s = now_ms() // 1000 + max(grant_ttl_s, KEPT_AT_LEAST_S)
        until_s = min(found.until_s, max(last_s, _longest_grant_s(session)))
        _put(session, kind, subject, denied_at_s=found.denied_at_s, until_s=until_s)


def withdraw(session: Session, kind: DenialKind, subject: str) -> bool:
    """Let it be good again; answers whether it was denied."""
    gone = session.execute(
        delete(DenialRow)
        .where(DenialRow.kind == kind, DenialRow.subject == subject)
        .returning(DenialRow.subject)
    ).first()
    if gone is not None:
        _count_change(session)
    return gone is not None


def current(session: Session) -> list[Denial]:
    """All that is denied now, by kind and subject."""
    rows = session.scalars(
        select(DenialRow)
        .where(DenialRow.until_s > now_ms() // 1000)
        .order_by(DenialRow.kind, DenialRow.subject)
    )
    return [
        Denial(
            kind=DenialKind(row.kind),
            subject=row.subject,
            denied_at_s=row.denied_at_s,
            until_s=row.until_s,
        )
        for row in rows
    ]


def changes(session: Session) -> int:
    """How many changes there have been: the same number, the same denials."""
    return session.scalars(select(DenialChangesRow.number)).one()


def note_long_grant(session: Session, track_id: str, expires_at_s: int) -> None:
    """Remember a grant that outlives `grant_ttl_s`, so that no denial ends before it does."""
    insert_if_new(session, LongGrantRow, track_id=track_id, expires_at_s=expires_at_s)
    shorter = (LongGrantRow.track_id == track_id, LongGrantRow.expires_at_s < expires_at_s)
    session.execute(update(LongGrantRow).where(*shorter).values(expires_at_s=expires_at_s))


def _longest_grant_s(session: Session) -> int:
    return session.scalar(select(func.max(LongGrantRow.expires_at_s))) or 0


def _find(session: Session, kind: DenialKind, subject: str) -> DenialRow | None:
    """What is known of it, which nobody else changes until the transaction ends."""
    session.execute(select(DenialChangesRow.number).with_for_update())
    return session.get(DenialRow, (kind, subject), populate_existing=True)


def _put(
    session: Session, kind: DenialKind, subject: str, *, denied_at_s: int, until_s: int
) -> Denial:
    row = _find(session, kind, subject)
    if row is None:
        row = DenialRow(kind=kind, subject=subject, denied_at_s=denied_at_s, until_s=until_s)
        session.add(row)
    row.denied_at_s, row.until_s = denied_at_s, until_s
    if session.is_modified(row):
        session.flush()
        _count_change(session)
    return Denial(kind=kind, subject=subject, denied_at_s=denied_at_s, until_s=until_s)


def _count_change(session: Session) -> None:
    session.execute(update(DenialChangesRow).values(number=DenialChangesRow.number + 1))
