"""`legato review`: the recordings that may be one performance, and what the operator finds."""

import json
from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from legato.catalog import reviews
from legato.catalog.accounts import audit
from legato.catalog.reviews import Review, ReviewState
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.origin.api.reviews import ReviewView

_DECISIONS: Final = (ReviewState.SAME, ReviewState.DIFFERENT)
_PAGE: Final = 500


def list_reviews(*, every: bool, as_json: bool) -> Iterator[str]:
    """A line a review, the oldest first: those that are open, or all."""
    database, behind = Deployment().database, None
    while True:
        with database.read() as session:
            state = None if every else ReviewState.OPEN
            found = reviews.list_reviews(session, state, limit=_PAGE, behind=behind)
            lines = [_json(session, one) if as_json else _line(session, one) for one in found]
        yield from lines
        if len(found) < _PAGE:
            return
        behind = reviews.place_of(found[-1])


def show_review(review_id: str) -> Iterator[str]:
    """All that is known of a review. Raises NotFound `no_review`."""
    with Deployment().database.read() as session:
        review = reviews.find_review(session, review_id)
        yield _line(session, review)
        for audio_id in review.audio_ids:
            yield f"  recording {audio_id}"
            for track in reviews.tracks_in_review(session, audio_id):
                isrc = f" [{track.isrc}]" if track.isrc else ""
                yield f"    {track.track_id} of {track.tenant}: {track.file_name}{isrc}"
        if review.note:
            yield f"  note: {review.note}"


def decide_review(review_id: str, decision: str, note: str | None) -> str:
    """Write a decision down. Raises BadInput `bad_decision`, NotFound `no_review`."""
    if decision not in _DECISIONS:
        raise BadInput(
            "bad_decision", f"decision: found {decision!r}, expected {' or '.join(_DECISIONS)}"
        )
    with Deployment().database.write() as session:
        review = reviews.decide(
            session, review_id, ReviewState(decision), note=note, actor=audit.COMMAND_LINE
        )
        return _line(session, review)


def _line(session: Session, review: Review) -> str:
    sides = " | ".join(_side(session, audio_id) for audio_id in review.audio_ids)
    return f"{review.review_id} {review.state} {review.similarity:.3f}  {sides}"


def _side(session: Session, audio_id: str) -> str:
    """The first track of a recording stands for it."""
    tracks = reviews.tracks_in_review(session, audio_id)
    if not tracks:
        return "no track any more"
    more = f" and {len(tracks) - 1} more" if len(tracks) > 1 else ""
    return f"{tracks[0].artist}: {tracks[0].title}{more}"


def _json(session: Session, review: Review) -> str:
    return json.dumps(ReviewView.of(session, review).model_dump(mode="json"))
