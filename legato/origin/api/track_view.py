"""A track as the API shows it."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from legato.catalog import findings, replacements, track_tags, tracks
from legato.catalog.track_progress import progress_of
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Track
from legato.ingest.encode_subject import encode_subject
from legato.origin.api.artwork import SquareView, squares
from legato.origin.api.isrc import Isrc
from legato.origin.api.moment import moment
from legato.origin.api.tags_view import TagsView


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change stays as it was: no default says that."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ErrorView(BaseModel):
    code: str
    message: str


class ProgressView(BaseModel):
    """How far the work on a track is; `fraction` is that of the stage.

    How fast it goes, and how long it takes still, is null until there is a figure.
    """

    stage: str
    fraction: float
    times_real_time: float | None
    seconds_left: float | None

    @classmethod
    def of(cls, reported: dict[str, Any] | None) -> Self:
        """What a job has reported; None where it waits, or says nothing to this tenant."""
        if reported is None:
            return cls(stage="queued", fraction=0, times_real_time=None, seconds_left=None)
        return cls.model_validate(reported)


class FindingView(BaseModel):
    """What the quality gate says of the master; `spans` are seconds, [start, end)."""

    code: str
    severity: Literal["reject", "warn", "info"]
    message: str
    spans: list[tuple[float, float]]
    details: dict[str, Any]

    @classmethod
    def all_of(cls, session: Session, track_id: str) -> list[Self]:
        """The gravest first; none before the master has been heard."""
        found = findings.findings_of_track(session, track_id)
        return [cls.model_validate(one) for one in found]


class ReplacementView(BaseModel):
    """New audio on its way to a track, or why it did not become the track's."""

    state: TrackState
    file_name: str
    progress: ProgressView | None
    error: ErrorView | None
    findings: list[FindingView]

    @classmethod
    def of(cls, session: Session, track_id: str) -> Self | None:
        candidate_id = replacements.candidate_of(session, track_id)
        found = tracks.find_tracks(session, [candidate_id] if candidate_id else [])
        if not found:
            return None
        [candidate] = found
        return cls(
            state=candidate.state,
            file_name=candidate.file_name,
            progress=_progress(session, candidate),
            error=_error(candidate),
            findings=FindingView.all_of(session, candidate.track_id),
        )


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
    findings: list[FindingView]
    replacement: ReplacementView | None
    artwork: list[SquareView] | None
    tags: TagsView | None
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
            created_at=moment(track.created_at_ms),
            progress=_progress(session, track),
            error=_error(track),
            findings=FindingView.all_of(session, track.track_id),
            replacement=ReplacementView.of(session, track.track_id),
            artwork=squares(session, track.track_id),
            tags=TagsView.of(track_tags.tags_of_track(session, track.track_id)),
            taken_down_at=moment(track.taken_down_at_ms) if track.taken_down_at_ms else None,
            takedown_reason=track.takedown_reason,
        )


class TrackChange(BaseModel):
    """What a tenant may change of a track. `null` takes an ISRC away; the others must be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    title: Annotated[str, Field(min_length=1, max_length=500)] = ""
    artist: Annotated[str, Field(min_length=1, max_length=500)] = ""
    isrc: Isrc | None = None
    public: Annotated[bool, Field(description="Anybody may play it")] = False


class TrackPage(BaseModel):
    """Some tracks in the order they came; `next_cursor` asks for those after them."""

    tracks: list[TrackView]
    next_cursor: str | None


def _error(track: Track) -> ErrorView | None:
    if track.error_code is None:
        return None
    return ErrorView(code=track.error_code, message=track.error_message or "")


def _progress(session: Session, track: Track) -> ProgressView | None:
    if track.state.final:
        return None
    found = progress_of(session, [track.track_id], encode_prefix=encode_subject(""))
    return ProgressView.of(found[track.track_id].progress if found else None)
