"""`/v1/tracks/{id}/deny`, `…/takedown`, `…/restore`: a tenant ends the playing of its own track."""

import time
from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from legato.catalog import denials, tracks
from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.denials import DenialKind
from legato.catalog.tracks import Track
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.moment import moment
from legato.origin.edges.takedown import restore, take_down


class TakedownReason(BaseModel):
    """Why a track is taken down: kept with it, for whoever asks later.

    Of one that is down already, the first stays.
    """

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class TakedownView(BaseModel):
    """Whether a track is down.

    Of edges not a word: whether they are purged would tell that another tenant has the audio.
    """

    track_id: str
    taken_down_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, track: Track) -> Self:
        at_ms = track.taken_down_at_ms
        return cls(
            track_id=track.track_id,
            taken_down_at=moment(at_ms) if at_ms is not None else None,
            reason=track.takedown_reason,
        )


class DenialView(BaseModel):
    """Grants of this track that were given out until `denied_at` are good no more."""

    track_id: str
    denied_at: datetime


def takedown_router(deployment: Deployment) -> APIRouter:
    """What a tenant may do to its own tracks.

    All of it holds at the origin within 2 s, at our own edges within 5.
    """
    router = APIRouter()
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]

    @router.post("/v1/tracks/{track_id}/deny")
    def deny_grants(by: uploader, track_id: str) -> DenialView:
        """Deny every grant of a track so far; the next `play` gives a new one."""
        with deployment.database.write() as session:
            tracks.find_track(session, track_id, by.tenant_id)
            denial = denials.deny(
                session, DenialKind.TRACK, track_id, grant_ttl_s=deployment.settings.grant_ttl_s
            )
            audit.record(
                session, tenant_id=by.tenant_id, actor=by.actor, action="track.denied",
                subject=track_id,
            )  # fmt: skip
        denied_at_s = min(denial.denied_at_s, int(time.time()))  # of a track that is down: for good
        return DenialView(track_id=track_id, denied_at=datetime.fromtimestamp(denied_at_s, UTC))

    @router.post("/v1/tracks/{track_id}/takedown")
    def take_track_down(by: uploader, track_id: str, why: TakedownReason) -> TakedownView:
        """Nobody may play it from now on, and what was granted is denied."""
        done = take_down(deployment, track_id, why.reason, by.tenant_id, by.actor)
        return TakedownView.of(done.track)

    @router.post("/v1/tracks/{track_id}/restore")
    def restore_track(by: uploader, track_id: str) -> TakedownView:
        """It may be played again; grants from before stay denied."""
        return TakedownView.of(restore(deployment, track_id, by.tenant_id, by.actor))

    return router
