"""Replacing a track's audio: the old plays until the new is ready, and a while longer.

The new audio is a *candidate*: a track of its own that nobody sees, so that it is judged, encoded
and refused like any other. When it is ready, the track takes over what the candidate has, and the
candidate is gone. What the track had is *former audio* until the last grant for it has ended. A
candidate that ends badly stays beside its track to say why, until another one comes.

Whoever has locked a track may change or drop its candidate. So nobody waits for a track who has
locked a candidate: `lock_with_tracks`.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, select, tuple_
from sqlalchemy.orm import Session

from legato.catalog import jobs
from legato.catalog.accounts import audit
from legato.catalog.database import now_ms
from legato.catalog.jobs import JobKind
from legato.catalog.objects import references
from legato.catalog.schema import (
    FormerAudioRow,
    LongGrantRow,
    ReplacementRow,
    TrackArtworkRow,
    TrackRow,
)
from legato.catalog.track_state import ENDED_BADLY, TrackState
from legato.errors import NotFound

_TAKEN_OVER: Final = ("master_id", "audio_id", "asset_id", "file_name", "tags", "findings")

# Whether the track that a query speaks of is somebody's candidate.
IS_CANDIDATE: Final[ColumnElement[bool]] = exists().where(
    ReplacementRow.candidate_id == TrackRow.track_id
)


def enter(session: Session, track_id: str, candidate_id: str, *, grant_ttl_s: int) -> None:
    """Let a track's audio become that of a candidate; another one that waited is dropped.

    Raises NotFound where the track has just been deleted.
    """
    if _locked(session, track_id).deleted_at_ms is not None:
        raise NotFound("no_track", f"track {track_id!r}: not in the catalogue")
    before = candidate_of(session, track_id)
    if before is not None:
        drop_candidates(session, [before])
    row = ReplacementRow(candidate_id=candidate_id, track_id=track_id, grant_ttl_s=grant_ttl_s)
    session.add(row)
    session.flush()


def candidate_of(session: Session, track_id: str) -> str | None:
    """The candidate that a track's audio waits for, or that did not become it."""
    query = select(ReplacementRow.candidate_id).where(ReplacementRow.track_id == track_id)
    return session.scalar(query)


def without_candidates(session: Session, track_ids: Sequence[str]) -> list[str]:
    """Those of these tracks that somebody may see."""
    query = select(ReplacementRow.candidate_id).where(ReplacementRow.candidate_id.in_(track_ids))
    hidden = set(session.scalars(query))
    return [track_id for track_id in track_ids if track_id not in hidden]


def lock_with_tracks(session: Session, which: ColumnElement[bool]) -> None:
    """Lock these tracks, and those whose candidates are among them: candidates last, all by id."""
    some = set(session.scalars(select(TrackRow.track_id).where(which)))
    query = select(ReplacementRow.track_id).where(ReplacementRow.candidate_id.in_(some))
    some |= set(session.scalars(query))
    tracks = select(TrackRow.track_id).where(TrackRow.track_id.in_(some))
    session.execute(tracks.order_by(IS_CANDIDATE, TrackRow.track_id).with_for_update()).all()


def switch(session: Session, ready: Sequence[str]) -> list[str]:
    """Let tracks take over from those candidates that are ready; answers what can be seen of it.

    That is these tracks with each candidate's own in its place. The caller has locked them all.
    """
    query = select(ReplacementRow).where(ReplacementRow.candidate_id.in_(ready))
    switched = {row.candidate_id: row for row in session.scalars(query).all()}
    for row in switched.values():
        _switch(session, row)
    return [switched[one].track_id if one in switched else one for one in ready]


def _switch(session: Session, replacement: ReplacementRow) -> None:
    track = _locked(session, replacement.track_id)
    candidate = _locked(session, replacement.candidate_id)
    before, named = track.asset_id, references.named_by(session, [track.track_id])
    jobs.cancel_work_on_track(session, track.track_id)  # of a master that it has no more
    if track.asset_id is not None and track.asset_id != candidate.asset_id:
        _keep_former(session, track, replacement.grant_ttl_s)
    for name in _TAKEN_OVER:
        setattr(track, name, getattr(candidate, name))
    track.state, track.error_code, track.error_message = TrackState.READY, None, None
    session.flush()
    _take_artwork(session, track.track_id, candidate.track_id)
    drop_candidates(session, [candidate.track_id])
    references.settle(session, named)
    references.settle_track(session, track.track_id)
    audit.record(
        session, tenant_id=track.tenant_id, actor=audit.WORKER, action="track.audio_replaced",
        subject=track.track_id, details={"asset_id": track.asset_id, "before": before},
    )  # fmt: skip


def _keep_former(session: Session, track: TrackRow, grant_ttl_s: int) -> None:
    now = now_ms()
    long = select(func.max(LongGrantRow.expires_at_s)).where(
        LongGrantRow.track_id == track.track_id
    )
    until_ms = max(now + grant_ttl_s * 1000, (session.scalar(long) or 0) * 1000)
    row = FormerAudioRow(
        track_id=track.track_id, master_id=track.master_id, asset_id=track.asset_id,
        replaced_at_ms=now, until_ms=until_ms,
    )  # fmt: skip
    session.merge(row)


def _take_artwork(session: Session, track_id: str, candidate_id: str) -> None:
    """The new file's cover, where the track shows none; it may be still to be made."""
    if session.get(TrackArtworkRow, track_id) is not None:
        return
    new = session.get(TrackArtworkRow, candidate_id)
    if new is not None:
        session.add(TrackArtworkRow(track_id=track_id, artwork_id=new.artwork_id))
    elif jobs.find_job(session, JobKind.ARTWORK, candidate_id) is not None:
        jobs.enqueue(session, JobKind.ARTWORK, track_id)


def drop_candidates(session: Session, candidate_ids: Sequence[str]) -> None:
    """Remove candidates, with what is done for them; they refer to nothing any more."""
    rows = select(TrackRow.track_id).where(TrackRow.track_id.in_(candidate_ids))
    session.execute(rows.order_by(TrackRow.track_id).with_for_update()).all()
    named = references.named_by(session, candidate_ids)
    for candidate_id in candidate_ids:
        jobs.cancel_work_on_track(session, candidate_id)
    for row, column in (
        (ReplacementRow, ReplacementRow.candidate_id),
        (TrackArtworkRow, TrackArtworkRow.track_id),
        (TrackRow, TrackRow.track_id),
    ):
        session.execute(delete(row).where(column.in_(candidate_ids)))
    references.settle(session, named)


def removable_candidates(session: Session, before_ms: int, *, after: str, limit: int) -> list[str]:
    """Candidates that came by then and ended badly: nobody asks for the reason any more."""
    query = select(TrackRow.track_id).join(
        ReplacementRow, ReplacementRow.candidate_id == TrackRow.track_id
    )
    query = query.where(
        TrackRow.state.in_(ENDED_BADLY),
        TrackRow.created_at_ms <= before_ms,
        TrackRow.track_id > after,
    )
    return list(session.scalars(query.order_by(TrackRow.track_id).limit(limit)))


def removable_former(
    session: Session, before_ms: int, *, after: tuple[str, str], limit: int
) -> list[tuple[str, str]]:
    """Former audio whose last grant had ended by then, as track and master."""
    place = (FormerAudioRow.track_id, FormerAudioRow.master_id)
    query = select(*place).where(FormerAudioRow.until_ms <= before_ms, tuple_(*place) > after)
    rows = session.execute(query.order_by(*place).limit(limit))
    return [(track_id, master_id) for track_id, master_id in rows]


def drop_former(session: Session, former: Sequence[tuple[str, str]], *, before_ms: int) -> None:
    """Forget former audio, if it still is over; it refers to nothing any more."""
    named = references.named_by(session, [track_id for track_id, _ in former])
    for one in former:
        row = session.get(FormerAudioRow, one, with_for_update=True)
        if row is not None and row.until_ms <= before_ms:
            session.delete(row)
    session.flush()
    references.settle(session, named)


def _locked(session: Session, track_id: str) -> TrackRow:
    return session.get_one(TrackRow, track_id, with_for_update=True, populate_existing=True)
