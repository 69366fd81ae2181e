"""Which tracks have been taken down, and which audio no live track delivers any more."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.news import track_news
from legato.catalog.schema import AssetRow, FormerAudioRow, TrackRow
from legato.catalog.text import check_text


def mark_taken_down(session: Session, track_id: str, reason: str) -> bool:
    """Nobody may play it from now on; answers False where that was so before, and stays as it was.

    The caller denies what has been granted of it. Raises BadInput `bad_text`.
    """
    check_text(reason=reason)
    marked = session.execute(
        update(TrackRow)
        .where(TrackRow.track_id == track_id, TrackRow.taken_down_at_ms.is_(None))
        .values(taken_down_at_ms=now_ms(), takedown_reason=reason)
        .returning(TrackRow.track_id)
    ).first()
    if marked is not None:
        track_news.tell_taken_down(session, track_id)
    return marked is not None


def mark_restored(session: Session, track_id: str) -> bool:
    """It may be played again; answers whether it had been taken down."""
    marked = session.execute(
        update(TrackRow)
        .where(TrackRow.track_id == track_id, TrackRow.taken_down_at_ms.is_not(None))
        .values(taken_down_at_ms=None, takedown_reason=None)
        .returning(TrackRow.track_id)
    ).first()
    if marked is not None:
        track_news.tell_restored(session, track_id)
    return marked is not None


def assets_of(session: Session, track_id: str) -> list[str]:
    """What a track delivers, and what it did before its audio was replaced, as long as that is."""
    now = select(TrackRow.asset_id).where(TrackRow.track_id == track_id)
    former = select(FormerAudioRow.asset_id).where(FormerAudioRow.track_id == track_id)
    found = {*session.scalars(now), *session.scalars(former)}
    return sorted(asset_id for asset_id in found if asset_id is not None)


def live_tracks(session: Session, asset_id: str) -> list[str]:
    """The tracks that deliver this asset and have not been taken down, whoever's they are.

    Those too whose audio it was: grants from then are good until they end. Asked after a change of
    one of them, it is true until the transaction ends: the asset's row is locked, so that of two
    changes at once one sees the other. (SQLite has one writer.)
    """
    session.execute(
        select(AssetRow.asset_id)
        .where(AssetRow.asset_id == asset_id)
        .with_for_update(key_share=True)
    )
    former = select(FormerAudioRow.track_id).where(FormerAudioRow.asset_id == asset_id)
    query = select(TrackRow.track_id).where(
        or_(TrackRow.asset_id == asset_id, TrackRow.track_id.in_(former)),
        TrackRow.taken_down_at_ms.is_(None),
        TrackRow.deleted_at_ms.is_(None),
    )
    return list(session.scalars(query.order_by(TrackRow.created_at_ms, TrackRow.track_id)))
