"""Denials: what is good no longer, kept until the last grant for it has expired by itself.

Beside them the table holds two kinds of note: the number of changes so far, so that whoever
polls asks for one row, and the grants that were made longer than is usual.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.schema import DenialRow

_CHANGES: Final = ("changes", "")
_LONG_GRANT: Final = "long-grant"
_FOR_EVER_S: Final = 1 << 53
# LEGATO_GRANT_TTL_S may have been longer than it is now: so long, a denial outlives a change of it.
KEPT_AT_LEAST_S: Final = 30 * 24 * 3600


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


def deny(
    session: Session, kind: DenialKind, subject: str, *, grant_ttl_s: int, margin_s: int = 0
) -> Denial:
    """Deny it from now, or `margin_s` ahead, until the last grant for it has expired.

    `grant_ttl_s` is how long grants are good for now. Denials that are over go in passing.
    """
    now_s = now_ms() // 1000
    denial = Denial(
        kind=kind,
        subject=subject,
        denied_at_s=now_s + margin_s,
        until_s=max(now_s + max(grant_ttl_s, KEPT_AT_LEAST_S), _longest_grant_s(session)),
    )
    session.execute(delete(DenialRow).where(DenialRow.until_s <= now_s))
    _put(session, kind, subject, denied_at_s=denial.denied_at_s, until_s=denial.until_s)
    _count_change(session)
    return denial


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
        .where(DenialRow.kind.in_(list(DenialKind)), DenialRow.until_s > now_ms() // 1000)
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
    kind, subject = _CHANGES
    query = select(DenialRow.denied_at_s)
    found = session.scalar(query.where(DenialRow.kind == kind, DenialRow.subject == subject))
    return found or 0


def note_long_grant(session: Session, track_id: str, expires_at_s: int) -> None:
    """Remember a grant that outlives `grant_ttl_s`, so that no denial ends before it does."""
    known = session.get(DenialRow, (_LONG_GRANT, track_id))
    until_s = max(expires_at_s, known.until_s if known is not None else 0)
    _put(session, _LONG_GRANT, track_id, denied_at_s=now_ms() // 1000, until_s=until_s)


def _longest_grant_s(session: Session) -> int:
    query = select(func.max(DenialRow.until_s)).where(DenialRow.kind == _LONG_GRANT)
    return session.scalar(query) or 0


def _put(session: Session, kind: str, subject: str, **values: int) -> None:
    row = session.get(DenialRow, (kind, subject))
    if row is None:
        session.add(DenialRow(kind=kind, subject=subject, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()


def _count_change(session: Session) -> None:
    kind, subject = _CHANGES
    counted = session.execute(
        update(DenialRow)
        .where(DenialRow.kind == kind, DenialRow.subject == subject)
        .values(denied_at_s=DenialRow.denied_at_s + 1)
        .returning(DenialRow.denied_at_s)
    ).first()
    if counted is None:
        _put(session, kind, subject, denied_at_s=1, until_s=_FOR_EVER_S)
