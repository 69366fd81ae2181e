"""When a deal begins: found now and then, since nothing happens to a track at that time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from legato.catalog.news import track_news
from legato.catalog.rights import rights
from legato.catalog.rights.rights import Deal
from legato.catalog.rights.territories import WORLDWIDE, moment_of, zone_names
from legato.catalog.schema import DealRow, TrackRow

# The clocks that read a time first and last of all there are.
_FIRST_CLOCK: Final = timedelta(hours=14)
_LAST_CLOCK: Final = timedelta(hours=-12)


def awaited_tracks(session: Session, now: datetime, *, limit: int, after: str = "") -> list[str]:
    """Tracks that may be about to be heard somewhere, by their ids, from the one after `after` on.

    They can be played, nobody has been told so yet, and there is a deal that some clock on earth
    may have begun and none has ended; or no deal at all.
    """
    return list(session.scalars(awaited_query(now, after).limit(limit)))


def heard_somewhere(session: Session, track_ids: Sequence[str], now: datetime) -> list[str]:
    """Those of the tracks that somebody may hear now, in some territory."""
    deals = rights.deals_of_tracks(session, track_ids)
    return [
        track_id
        for track_id in track_ids
        if track_id not in deals or any(holds_somewhere(deal, now) for deal in deals[track_id])
    ]


def holds_somewhere(deal: Deal, now: datetime) -> bool:
    """Whether a deal holds now by the clock of one of its territories."""
    named = zone_names().keys() if WORLDWIDE in deal.territories else deal.territories
    return any(_holds(deal, code, now) for code in named if code not in deal.excluded)


def _holds(deal: Deal, country: str, now: datetime) -> bool:
    begun = deal.starts_at is None or moment_of(deal.starts_at, country) <= now
    return begun and (deal.ends_at is None or now < moment_of(deal.ends_at, country))


def awaited_query(now: datetime, after: str) -> Select[str]:
    """What `awaited_tracks` asks, without a limit."""
    of_track = DealRow.track_id == TrackRow.track_id
    return (
        select(TrackRow.track_id)
        .where(track_news.awaited(), TrackRow.track_id > after)
        .where(or_(~exists().where(of_track), exists().where(of_track, _may_hold(now))))
        .order_by(TrackRow.track_id)
    )


def _may_hold(now: datetime) -> ColumnElement[bool]:
    first, last = (_on_clock(now, offset) for offset in (_FIRST_CLOCK, _LAST_CLOCK))
    return and_(
        or_(DealRow.starts_at.is_(None), DealRow.starts_at <= first),
        or_(DealRow.ends_at.is_(None), DealRow.ends_at > last),
    )


def _on_clock(now: datetime, offset: timedelta) -> str:
    """A local time as deals have it."""
    local = (now.astimezone(UTC) + offset).replace(tzinfo=None)
    return local.isoformat(timespec="seconds")
