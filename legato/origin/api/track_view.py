"""A track as the API shows it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from legato.catalog import jobs, tracks
from legato.catalog.jobs import JobKind
from legato.catalog.tracks import Track, TrackState
from legato.ingest.intake import encode_subject
from legato.ingest.tags import ISRC_PATTERN


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change stays as it was: no default says that."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ErrorView(BaseModel):
    code: str
    message: str


class ProgressView(BaseModel):
    """How far the work on a track is; `fraction` is that of the stage."""

    stage: str
    fraction: float
    times_real_time: float
    seconds_left: float


class TrackView(BaseModel):
    """A catalogue entry. `duplicate_of` names the tenant's own first track of this recording.

    One that has been taken down keeps its state, and plays for nobody.
    """

    track_id: str
    title: str
    artist: str
    isrc: str | None
    file_name: str
    public: bool
    state: TrackState
    duration_s: float | None
    audio_id: str | None
    asset_id: str | None
    duplicate_of: str | None
    created_at: datetime
    progress: ProgressView | None
    error: ErrorView | None
    taken_down_at: datetime | None
    takedown_reason: str | None

    @classmethod
    def of(cls, session: Session, track: Track) -> Self:
        """The view of a track, with what the catalogue knows around it."""
        return cls(
            track_id=track.track_id,
            title=track.metadata.title,
            artist=track.metadata.artist,
            isrc=track.metadata.isrc,
            file_name=track.file_name,
            public=track.public,
            state=track.state,
            duration_s=track.duration_s,
            audio_id=track.audio_id,
            asset_id=track.asset_id,
            duplicate_of=tracks.duplicate_of(session, track),
            created_at=_at(track.created_at_ms),
            progress=_progress(session, track),
            error=ErrorView(code=track.error_code, message=track.error_message or "")
            if track.error_code
            else None,
            taken_down_at=_at(track.taken_down_at_ms) if track.taken_down_at_ms else None,
            takedown_reason=track.takedown_reason,
        )


class TrackChange(BaseModel):
    """What a tenant may change of a track. `null` takes an ISRC away; the others must be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    title: Annotated[str, Field(min_length=1, max_length=500)] = ""
    artist: Annotated[str, Field(min_length=1, max_length=500)] = ""
    isrc: Annotated[str | None, Field(pattern=f"^{ISRC_PATTERN}$")] = None
    public: Annotated[bool, Field(description="Anybody may play it")] = False


class TrackPage(BaseModel):
    """Some tracks in the order they came; `next_cursor` asks for those after them."""

    tracks: list[TrackView]
    next_cursor: str | None


def _at(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _progress(session: Session, track: Track) -> ProgressView | None:
    if track.state is TrackState.RECEIVED:
        job = jobs.find_job(session, JobKind.IDENTIFY, track.track_id)
    elif track.state is TrackState.ENCODING and track.audio_id is not None:
        job = jobs.find_job(session, JobKind.ENCODE, encode_subject(track.audio_id))
    else:
        return None
    if job is None or job.progress is None:
        return ProgressView(stage="queued", fraction=0, times_real_time=0, seconds_left=0)
    return ProgressView.model_validate(job.progress)
