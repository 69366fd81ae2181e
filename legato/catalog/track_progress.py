"""How far tracks are, for whoever watches them: many at a time, in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, literal, select
from sqlalchemy.orm import Session, aliased

from legato.catalog.jobs import JobKind
from legato.catalog.schema import JobRow, TrackRow
from legato.catalog.track_state import TrackState

_Identifying = aliased(JobRow)
_Encoding = aliased(JobRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackProgress:
    """A track's state, and what the job on it last reported; None where it has not begun.

    An encode that another tenant's track began says nothing: nobody is to see by its figures that
    somebody else has sent the same recording.
    """

    track_id: str
    state: TrackState
    asset_id: str | None
    error_code: str | None
    error_message: str | None
    progress: dict[str, Any] | None


def progress_of(
    session: Session, track_ids: Collection[str], *, encode_prefix: str
) -> dict[str, TrackProgress]:
    """Those of the tracks that there are; with `encode_prefix` the subject of an encode begins."""
    query = (
        select(
            TrackRow.track_id, TrackRow.state, TrackRow.asset_id, TrackRow.error_code,
            TrackRow.error_message, _Identifying.progress, _Encoding.progress,
        )
        .outerjoin(
            _Identifying,
            and_(_Identifying.kind == JobKind.IDENTIFY, _Identifying.subject == TrackRow.track_id),
        )
        .outerjoin(
            _Encoding,
            and_(
                _Encoding.kind == JobKind.ENCODE,
                _Encoding.subject == literal(encode_prefix) + TrackRow.audio_id,
                _Encoding.asked_by == TrackRow.tenant_id,
            ),
        )
        .where(TrackRow.track_id.in_(track_ids), TrackRow.deleted_at_ms.is_(None))
    )  # fmt: skip
    return {row[0]: _progress(*row) for row in session.execute(query)}


def _progress(  # noqa: PLR0913, PLR0917 - the columns of the query
    track_id: str,
    state: str,
    asset_id: str | None,
    error_code: str | None,
    error_message: str | None,
    identifying: dict[str, Any] | None,
    encoding: dict[str, Any] | None,
) -> TrackProgress:
    of_state = {TrackState.RECEIVED: identifying, TrackState.ENCODING: encoding}
    return TrackProgress(
        track_id=track_id,
        state=TrackState(state),
        asset_id=asset_id,
        error_code=error_code,
        error_message=error_message,
        progress=of_state.get(TrackState(state)),
    )
