"""The review queue: two recordings that may be one performance, for the operator to look at.

A decision is written down and changes nothing else: nothing is ever merged by a fingerprint.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from legato.catalog.accounts import audit
from legato.catalog.database import new_id, now_ms
from legato.catalog.place import Place
from legato.catalog.schema import ReviewRow, TenantRow, TrackRow
from legato.catalog.text import check_text, is_no_id
from legato.errors import BadInput, NotFound

_PLACE: Final = (ReviewRow.created_at_ms, ReviewRow.review_id)
_MOST_TRACKS: Final = 20


class ReviewState(StrEnum):
    """`same`: another master of one performance; `different`: they only sound alike."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Two recordings, and the share of their fingerprints' bits that agrees."""

    review_id: str
    audio_ids: tuple[str, str]
    similarity: float
    state: ReviewState
    note: str | None
    created_at_ms: int
    decided_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedTrack:
    """A track of a recording in review, and whose it is."""

    track_id: str
    tenant: str
    title: str
    artist: str
    isrc: str | None
    file_name: str


def add_review(session: Session, audio_id: str, other_audio_id: str, similarity: float) -> bool:
    """Ask about a pair, if nobody has asked before, whichever way round; answers whether it did."""
    first, second = sorted((audio_id, other_audio_id))
    there = exists().where(ReviewRow.audio_id == first, ReviewRow.other_audio_id == second)
    if session.scalar(select(there)):
        return False
    session.add(
        ReviewRow(
            review_id=new_id(),
            audio_id=first,
            other_audio_id=second,
            similarity=similarity,
            state=ReviewState.OPEN,
            note=None,
            created_at_ms=now_ms(),
            decided_at_ms=None,
        )
    )
    session.flush()
    return True


def find_review(session: Session, review_id: str) -> Review:
    """Raises NotFound `no_review`."""
    return _review(_row(session, review_id))


def list_reviews(
    session: Session, state: ReviewState | None, *, limit: int, behind: Place | None = None
) -> list[Review]:
    """The reviews in a state, or all, the oldest first, from the first behind a place on."""
    query = select(ReviewRow).order_by(*_PLACE).limit(limit)
    if state is not None:
        query = query.where(ReviewRow.state == state)
    if behind is not None:
        query = query.where(tuple_(*_PLACE) > (behind.at_ms, behind.item_id))
    return [_review(row) for row in session.scalars(query)]


def place_of(review: Review) -> Place:
    return Place(at_ms=review.created_at_ms, item_id=review.review_id)


def tracks_in_review(session: Session, audio_id: str) -> list[ReviewedTrack]:
    """The first tracks on a recording, whosever they are; none where all were deleted."""
    query = (
        select(TrackRow, TenantRow.name)
        .join(TenantRow, TenantRow.tenant_id == TrackRow.tenant_id)
        .where(TrackRow.audio_id == audio_id, TrackRow.deleted_at_ms.is_(None))
        .order_by(TrackRow.created_at_ms, TrackRow.track_id)
        .limit(_MOST_TRACKS)
    )
    return [
        ReviewedTrack(
            track_id=row.track_id,
            tenant=tenant,
            title=row.title,
            artist=row.artist,
            isrc=row.isrc,
            file_name=row.file_name,
        )
        for row, tenant in session.execute(query)
    ]


def decide(
    session: Session, review_id: str, decision: ReviewState, *, note: str | None, actor: str
) -> Review:
    """Write down what the operator has found; a later decision goes before an earlier one.

    Raises NotFound `no_review`, BadInput `bad_decision`, `bad_text`.
    """
    if decision is ReviewState.OPEN:
        raise BadInput("bad_decision", f"decision: found {decision}, expected same or different")
    check_text(note=note)
    row = _row(session, review_id)
    row.state, row.note, row.decided_at_ms = decision, note, now_ms()
    audit.record(
        session, tenant_id=None, actor=actor, action="review.decided", subject=review_id,
        details={"decision": decision, "note": note},
    )  # fmt: skip
    session.flush()
    return _review(row)


def _row(session: Session, review_id: str) -> ReviewRow:
    row = session.get(ReviewRow, review_id) if not is_no_id(review_id) else None
    if row is None:
        raise NotFound("no_review", f"review {review_id!r}: not in the queue")
    return row


def _review(row: ReviewRow) -> Review:
    return Review(
        review_id=row.review_id,
        audio_ids=(row.audio_id, row.other_audio_id),
        similarity=row.similarity,
        state=ReviewState(row.state),
        note=row.note,
        created_at_ms=row.created_at_ms,
        decided_at_ms=row.decided_at_ms,
    )
