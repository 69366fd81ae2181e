"""`/v1/reviews`: recordings that may be one performance; for the operator and for nobody else."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from legato.catalog import reviews
from legato.catalog.accounts import tenants
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.accounts.tenants import TenantKind
from legato.catalog.reviews import Review, ReviewState
from legato.deployment import Deployment
from legato.errors import Forbidden
from legato.origin.api.authentication import caller
from legato.origin.api.moment import moment
from legato.origin.api.pages import Behind, Limit, cut


class ReviewedTrackView(BaseModel):
    """A track of a recording in review; `tenant` is the name of whose it is."""

    model_config = ConfigDict(from_attributes=True)

    track_id: str
    tenant: str
    title: str
    artist: str
    isrc: str | None
    file_name: str


class RecordingView(BaseModel):
    """One side of a review; without tracks, all of them were deleted."""

    audio_id: str
    tracks: list[ReviewedTrackView]


class ReviewView(BaseModel):
    """Two recordings; `similarity` is the share of fingerprint bits that agrees, 0.5 by chance."""

    review_id: str
    state: ReviewState
    similarity: float
    recordings: list[RecordingView]
    note: str | None
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, session: Session, review: Review) -> Self:
        return cls(
            review_id=review.review_id,
            state=review.state,
            similarity=review.similarity,
            recordings=[_recording(session, audio_id) for audio_id in review.audio_ids],
            note=review.note,
            created_at=moment(review.created_at_ms),
            decided_at=moment(review.decided_at_ms) if review.decided_at_ms else None,
        )


class ReviewPage(BaseModel):
    """Some reviews, the oldest first; `next_cursor` asks for those after them."""

    reviews: list[ReviewView]
    next_cursor: str | None


class Decision(BaseModel):
    """What the operator has found; it is written down, and merges nothing."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["same", "different"]
    note: Annotated[str | None, Field(max_length=1000)] = None


def reviews_router(deployment: Deployment) -> APIRouter:
    """The review queue."""
    router = APIRouter()
    operator = Annotated[KeyHolder, Depends(_operator(deployment))]

    @router.get("/v1/reviews")
    def list_reviews(
        by: operator, behind: Behind, state: ReviewState | None = None, limit: Limit = 100
    ) -> ReviewPage:
        """Reviews in a state, or all of them, the oldest first."""
        del by
        with deployment.database.read() as session:
            found = reviews.list_reviews(session, state, limit=limit + 1, behind=behind)
            page, cursor = cut(found, limit, reviews.place_of)
            views = [ReviewView.of(session, review) for review in page]
        return ReviewPage(reviews=views, next_cursor=cursor)

    @router.post("/v1/reviews/{review_id}")
    def decide_review(by: operator, review_id: str, found: Decision) -> ReviewView:
        """Say whether they are one performance; a later decision goes before an earlier one."""
        decision = ReviewState(found.decision)
        with deployment.database.write() as session:
            review = reviews.decide(session, review_id, decision, note=found.note, actor=by.actor)
            return ReviewView.of(session, review)

    return router


def _operator(deployment: Deployment) -> Callable[..., KeyHolder]:
    """A dependency that lets in only the operator's keys; raises Forbidden `not_the_operator`."""

    def operator(
        by: Annotated[KeyHolder, Depends(caller(deployment, Scope.ADMIN))],
    ) -> KeyHolder:
        with deployment.database.read() as session:
            kind = tenants.find_tenant(session, by.tenant_id).kind
        if kind is not TenantKind.OPERATOR:
            raise Forbidden(
                "not_the_operator",
                f"this API key: found a tenant's of kind {kind}, expected {TenantKind.OPERATOR}",
            )
        return by

    return operator


def _recording(session: Session, audio_id: str) -> RecordingView:
    found = reviews.tracks_in_review(session, audio_id)
    tracks = [ReviewedTrackView.model_validate(track) for track in found]
    return RecordingView(audio_id=audio_id, tracks=tracks)
