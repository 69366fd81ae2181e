"""What a tenant's webhooks are told of its tracks, in the transaction that changes them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.news import webhooks
from legato.catalog.news.webhooks import Event
from legato.catalog.schema import DealRow, TrackRow

_TOLD: Final = (
    TrackRow.track_id, TrackRow.tenant_id, TrackRow.state, TrackRow.title, TrackRow.artist,
    TrackRow.isrc, TrackRow.asset_id, TrackRow.error_code, TrackRow.error_message,
    TrackRow.takedown_reason,
)  # fmt: skip


def tell(session: Session, event: Event, track_ids: Iterable[str]) -> None:
    """Tell each track's tenant what has happened to it; of one that was deleted, nothing more."""
    query = select(*_TOLD).where(
        TrackRow.track_id.in_(list(track_ids)), TrackRow.deleted_at_ms.is_(None)
    )
    for row in session.execute(query).all():
        webhooks.tell(session, row.tenant_id, event, _data(row))


def tell_ready(session: Session, track_ids: Sequence[str]) -> None:
    """They are ready, and live where no deal says from when on."""
    tell(session, Event.TRACK_READY, track_ids)
    tell_live(session, _without_deals(session, track_ids))


def tell_live(session: Session, track_ids: Sequence[str]) -> list[str]:
    """Somebody may hear them now; answers those of whom that has not been told before."""
    marked = session.scalars(
        update(TrackRow)
        .where(TrackRow.track_id.in_(track_ids), awaited())
        .values(live_at_ms=now_ms())
        .returning(TrackRow.track_id)
    ).all()
    tell(session, Event.TRACK_LIVE, marked)
    return list(marked)


def tell_taken_down(session: Session, track_id: str) -> None:
    """Nobody may hear it now; if somebody may again, that is told again."""
    session.execute(update(TrackRow).where(TrackRow.track_id == track_id).values(live_at_ms=None))
    tell(session, Event.TRACK_TAKEN_DOWN, [track_id])


def tell_restored(session: Session, track_id: str) -> None:
    """It has been taken down no more: live where no deal says from when on."""
    tell_live(session, _without_deals(session, [track_id]))


def awaited() -> ColumnElement[bool]:
    """A track that can be played, and of which has not been told that somebody may."""
    return and_(
        TrackRow.live_at_ms.is_(None),
        TrackRow.asset_id.is_not(None),
        TrackRow.taken_down_at_ms.is_(None),
        TrackRow.deleted_at_ms.is_(None),
    )


def _without_deals(session: Session, track_ids: Sequence[str]) -> list[str]:
    under_deal = exists().where(DealRow.track_id == TrackRow.track_id)
    query = select(TrackRow.track_id).where(TrackRow.track_id.in_(track_ids), ~under_deal)
    return list(session.scalars(query))


def _data(row: Any) -> dict[str, Any]:
    error = {"code": row.error_code, "message": row.error_message} if row.error_code else None
    return {
        "track_id": row.track_id,
        "state": row.state,
        "title": row.title,
        "artist": row.artist,
        "isrc": row.isrc,
        "asset_id": row.asset_id,
        "error": error,
        "takedown_reason": row.takedown_reason,
    }
