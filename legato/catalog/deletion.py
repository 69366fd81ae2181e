"""Deleting tracks: first a mark, and after a grace period the rows.

From the mark on there is no such track for its tenant or anybody else, and it refers to nothing.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from legato.catalog import denials, jobs, replacements
from legato.catalog.database import now_ms
from legato.catalog.denials import DenialKind
from legato.catalog.news import track_news
from legato.catalog.news.webhooks import Event
from legato.catalog.objects import references
from legato.catalog.schema import (
    DealRow,
    DealTerritoryRow,
    FormerAudioRow,
    LongGrantRow,
    ReleaseTrackRow,
    TrackArtworkRow,
    TrackRow,
)
from legato.catalog.text import is_no_id
from legato.errors import NotFound


def mark_deleted(session: Session, track_id: str, tenant_id: str) -> frozenset[str] | None:
    """Delete a tenant's track; answers the assets that it delivered, None where it was deleted.

    The caller denies what has been granted of it. Raises NotFound.
    """
    query = select(TrackRow.deleted_at_ms).where(
        TrackRow.track_id == track_id, TrackRow.tenant_id == tenant_id, ~replacements.IS_CANDIDATE
    )
    known = not is_no_id(track_id)
    found = session.execute(query.with_for_update()).one_or_none() if known else None
    if found is None:
        raise NotFound("no_track", f"track {track_id!r}: not in the catalogue")
    if found.deleted_at_ms is not None:
        return None
    candidate = replacements.candidate_of(session, track_id)
    if candidate is not None:
        replacements.drop_candidates(session, [candidate])
    track_news.tell(session, Event.TRACK_DELETED, [track_id])
    return _let_go(session, track_id)


def _let_go(session: Session, track_id: str) -> frozenset[str]:
    """End the work for a track and all that it refers to; answers its assets."""
    named = references.named_by(session, [track_id])
    jobs.cancel_work_on_track(session, track_id)
    session.execute(delete(FormerAudioRow).where(FormerAudioRow.track_id == track_id))
    session.execute(
        update(TrackRow)
        .where(TrackRow.track_id == track_id)
        .values(deleted_at_ms=now_ms(), audio_id=None, asset_id=None)
    )
    references.settle(session, named)
    session.expire_all()
    return named.assets


def removable(session: Session, before_ms: int, *, after: str, limit: int) -> list[str]:
    """Tracks that were deleted by then, by their ids from the one behind `after` on."""
    query = select(TrackRow.track_id).where(
        TrackRow.deleted_at_ms <= before_ms, TrackRow.track_id > after
    )
    return list(session.scalars(query.order_by(TrackRow.track_id).limit(limit)))


def remove(session: Session, track_ids: Sequence[str], *, grant_ttl_s: int) -> None:
    """Remove deleted tracks with what was theirs; their grants stay denied while any is good."""
    rows = select(TrackRow.track_id).where(TrackRow.track_id.in_(track_ids))
    session.execute(rows.order_by(TrackRow.track_id).with_for_update()).all()
    for track_id in track_ids:
        denials.let_lapse(session, DenialKind.TRACK, track_id, grant_ttl_s=grant_ttl_s)
    deals = select(DealRow.deal_id).where(DealRow.track_id.in_(track_ids))
    session.execute(delete(DealTerritoryRow).where(DealTerritoryRow.deal_id.in_(deals)))
    for row in (DealRow, LongGrantRow, ReleaseTrackRow, TrackArtworkRow, FormerAudioRow, TrackRow):
        session.execute(delete(row).where(row.track_id.in_(track_ids)))
