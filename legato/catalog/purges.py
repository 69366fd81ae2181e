"""Purges: which edge was told to forget which asset, and when it said that it had."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.insertion import insert_if_new
from legato.catalog.schema import PurgeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """One asset at one edge; `edge` is its name, as LEGATO_EDGES has it."""

    asset_id: str
    edge: str
    requested_at_ms: int
    confirmed_at_ms: int | None
    attempts: int
    error_message: str | None

    @property
    def after_s(self) -> float | None:
        """How long the edge took to confirm."""
        if self.confirmed_at_ms is None:
            return None
        return (self.confirmed_at_ms - self.requested_at_ms) / 1000


def enter(session: Session, asset_id: str, edges: Sequence[str], *, delay_s: float) -> None:
    """See to it that these edges are asked, first in `delay_s`; what was entered before stays."""
    now = now_ms()
    for edge in sorted(edges):
        insert_if_new(
            session, PurgeRow,
            asset_id=asset_id, edge=edge, requested_at_ms=now,
            due_at_ms=now + int(delay_s * 1000), attempts=0,
        )  # fmt: skip


def forget(session: Session, asset_id: str) -> None:
    """Ask nobody any more, and remember no answer."""
    session.execute(delete(PurgeRow).where(PurgeRow.asset_id == asset_id))


def of_asset(session: Session, asset_id: str) -> list[Purge]:
    """What is known of an asset at every edge, by the edge's name."""
    query = select(PurgeRow).where(PurgeRow.asset_id == asset_id).order_by(PurgeRow.edge)
    return [_purge(row) for row in session.scalars(query)]


def any_due(session: Session, edges: Sequence[str]) -> bool:
    """Whether one of these edges has to be asked now."""
    return bool(session.scalar(select(exists().where(_due(edges)))))


def claim_due(session: Session, edges: Sequence[str], *, lease_s: float, limit: int) -> list[Purge]:
    """Take purges that are due, the oldest first: for `lease_s` nobody else takes them."""
    rows = session.scalars(
        select(PurgeRow)
        .where(_due(edges))
        .order_by(PurgeRow.due_at_ms)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.due_at_ms = now_ms() + int(lease_s * 1000)
        row.attempts += 1
    session.flush()
    return [_purge(row) for row in rows]


def confirm(session: Session, purge: Purge) -> Purge | None:
    """The edge holds nothing of it; None where it was asked for anew in the meantime."""
    row = session.scalars(
        update(PurgeRow)
        .where(_same(purge), PurgeRow.confirmed_at_ms.is_(None))
        .values(confirmed_at_ms=now_ms(), error_message=None)
        .returning(PurgeRow)
    ).first()
    return _purge(row) if row is not None else None


def put_off(session: Session, purge: Purge, error_message: str, *, delay_s: float) -> None:
    """The edge did not confirm, and why; it is asked again in `delay_s`."""
    session.execute(
        update(PurgeRow)
        .where(_same(purge), PurgeRow.confirmed_at_ms.is_(None))
        .values(due_at_ms=now_ms() + int(delay_s * 1000), error_message=error_message)
    )


def _due(edges: Sequence[str]) -> ColumnElement[bool]:
    unconfirmed = PurgeRow.confirmed_at_ms.is_(None)
    return and_(unconfirmed, PurgeRow.due_at_ms <= now_ms(), PurgeRow.edge.in_(edges))


def _same(purge: Purge) -> ColumnElement[bool]:
    """The row as it was claimed: one that was entered anew is another."""
    return and_(
        PurgeRow.asset_id == purge.asset_id,
        PurgeRow.edge == purge.edge,
        PurgeRow.requested_at_ms == purge.requested_at_ms,
    )


def _purge(row: PurgeRow) -> Purge:
    return Purge(
        asset_id=row.asset_id,
        edge=row.edge,
        requested_at_ms=row.requested_at_ms,
        confirmed_at_ms=row.confirmed_at_ms,
        attempts=row.attempts,
        error_message=row.error_message,
    )
