"""Tracks: a tenant's catalogue entries and the states they go through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_, update
from sqlalchemy.orm import Session

from legato.catalog import denials, replacements, takedowns
from legato.catalog.database import new_id, now_ms
from legato.catalog.denials import DenialKind
from legato.catalog.news import track_news
from legato.catalog.news.webhooks import Event
from legato.catalog.objects import references
from legato.catalog.place import Place
from legato.catalog.schema import RecordingRow, ReleaseTrackRow, TrackRow
from legato.catalog.text import check_text, is_no_id
from legato.catalog.track_state import ENDED_BADLY, TrackState
from legato.errors import BadInput, Forbidden, LegatoError, NotFound

# The order in which tracks came, with ties settled for good.
_PLACE = (TrackRow.created_at_ms, TrackRow.track_id)
_IDS_A_QUERY = 500


# A track that its tenant knows of: neither deleted, nor the new audio of another on its way.
_DELETED = TrackRow.deleted_at_ms.is_not(None)
_SEEN = ~_DELETED & ~replacements.IS_CANDIDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What an artist says of a track; raises BadInput `bad_text`."""

    title: str
    artist: str
    isrc: str | None = None

    def __post_init__(self) -> None:
        check_text(title=self.title, artist=self.artist, isrc=self.isrc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A catalogue entry. `duration_s` is known once the recording is identified.

    A `public` track may be played by anybody; one that has been taken down, by nobody.
    """

    track_id: str
    tenant_id: str
    master_id: str
    audio_id: str | None
    asset_id: str | None
    metadata: Metadata
    file_name: str
    state: TrackState
    duration_s: float | None
    error_code: str | None
    error_message: str | None
    created_at_ms: int
    public: bool
    taken_down_at_ms: int | None
    takedown_reason: str | None


def add_track(  # noqa: PLR0913 - a track is all of these
    session: Session,
    *,
    tenant_id: str,
    master_id: str,
    metadata: Metadata,
    file_name: str,
    public: bool = False,
) -> str:
    """Enter a track whose master is in the store; answers its id."""
    row = TrackRow(
        track_id=new_id(),
        tenant_id=tenant_id,
        master_id=master_id,
        audio_id=None,
        asset_id=None,
        title=metadata.title,
        artist=metadata.artist,
        isrc=metadata.isrc,
        file_name=file_name,
        state=TrackState.RECEIVED,
        error_code=None,
        error_message=None,
        created_at_ms=now_ms(),
        public=public,
        taken_down_at_ms=None,
        takedown_reason=None,
    )
    session.add(row)
    session.flush()
    references.settle_track(session, row.track_id)
    return row.track_id


def find_track(session: Session, track_id: str, tenant_id: str | None = None) -> Track:
    """A track by its id, of one tenant or of any; raises NotFound, also for one that was deleted.

    Only who asks for no tenant finds new audio on its way to a track.
    """
    if is_no_id(track_id):
        raise _no_track(track_id)
    query = _tracks().where(TrackRow.track_id == track_id)
    if tenant_id is not None:
        query = query.where(TrackRow.tenant_id == tenant_id, _SEEN)
    found = session.execute(query).one_or_none()
    if found is None:
        raise _no_track(track_id)
    return _track(*found)


def asset_of_track(session: Session, track_id: str) -> str:
    """What was made of a track; raises NotFound, and BadInput `not_ready` before there is."""
    return _made_asset(find_track(session, track_id))


def playable_asset(track: Track) -> str:
    """What may be delivered of a track; raises Forbidden `taken_down`, BadInput `not_ready`."""
    if track.taken_down_at_ms is not None:
        raise Forbidden("taken_down", f"track {track.track_id}: has been taken down")
    return _made_asset(track)


def find_tracks(session: Session, track_ids: Sequence[str]) -> list[Track]:
    """The tracks of these ids that there are, in the order they came."""
    found: list[Track] = []
    for start in range(0, len(track_ids), _IDS_A_QUERY):
        some = track_ids[start : start + _IDS_A_QUERY]
        query = _tracks().where(TrackRow.track_id.in_(some)).order_by(*_PLACE)
        found += [_track(*row) for row in session.execute(query)]
    return found


def list_tracks(
    session: Session, tenant_id: str, *, limit: int, behind: Place | None = None
) -> list[Track]:
    """A tenant's tracks in the order they came, from the first behind a place on."""
    query = _tracks().where(TrackRow.tenant_id == tenant_id, _SEEN)
    if behind is not None:
        query = query.where(tuple_(*_PLACE) > (behind.at_ms, behind.item_id))
    query = query.order_by(*_PLACE).limit(limit)
    return [_track(*found) for found in session.execute(query)]


def place_of(track: Track) -> Place:
    return Place(at_ms=track.created_at_ms, item_id=track.track_id)


def tracks_of_release(session: Session, release_id: str) -> list[str]:
    """The tracks of a release in their order; none where there is no such release."""
    query = select(ReleaseTrackRow.track_id).where(ReleaseTrackRow.release_id == release_id)
    return list(session.scalars(query.order_by(ReleaseTrackRow.position)))


def find_by_master(session: Session, tenant_id: str, master_id: str) -> Track | None:
    """A tenant's first track on a master, that was not refused."""
    query = _tracks().where(
        TrackRow.tenant_id == tenant_id,
        TrackRow.master_id == master_id,
        TrackRow.state.not_in(ENDED_BADLY),
        _SEEN,
    )
    found = session.execute(query.order_by(*_PLACE).limit(1)).one_or_none()
    return _track(*found) if found is not None else None


def duplicate_of(session: Session, track: Track) -> str | None:
    """The tenant's first track on the same recording, if that is another; of others' not a word."""
    if track.audio_id is None:
        return None
    first = session.scalar(
        select(TrackRow.track_id)
        .where(TrackRow.tenant_id == track.tenant_id, TrackRow.audio_id == track.audio_id)
        .where(TrackRow.state.not_in(ENDED_BADLY), _SEEN)
        .order_by(*_PLACE)
        .limit(1)
    )
    return first if first != track.track_id else None


def change_track(
    session: Session, track_id: str, tenant_id: str, changes: Mapping[str, str | bool | None]
) -> None:
    """Change what a tenant may say of its track: title, artist, isrc, public.

    Raises NotFound, BadInput `bad_text`.
    """
    check_text(**{name: value for name, value in changes.items() if isinstance(value, str)})
    find_track(session, track_id, tenant_id)
    if changes:
        _set(session, track_id, **changes)


def lock_track(session: Session, track_id: str) -> None:
    """Let nobody else change a track, nor the one whose new audio it is to be."""
    replacements.lock_with_tracks(session, TrackRow.track_id == track_id)


def mark_encoding(session: Session, track_id: str, audio_id: str) -> None:
    _set(session, track_id, audio_id=audio_id, state=TrackState.ENCODING)
    references.settle_track(session, track_id)


def anybody_waits(session: Session, audio_id: str) -> bool:
    """Whether there is a track that waits for this recording to be encoded."""
    return bool(session.scalar(select(exists().where(_waiting(audio_id)))))


def mark_refused(session: Session, track_id: str, error: LegatoError) -> None:
    """The master cannot be used, and why."""
    _end(session, track_id, TrackState.REFUSED, error)
    references.settle_track(session, track_id)
    seen = replacements.without_candidates(session, [track_id])
    track_news.tell(session, Event.TRACK_REFUSED, seen)


def mark_failed(session: Session, track_id: str, error: LegatoError) -> None:
    """The work could not be done, and why."""
    _end(session, track_id, TrackState.FAILED, error)
    seen = replacements.without_candidates(session, [track_id])
    track_news.tell(session, Event.TRACK_FAILED, seen)


def mark_audio_ready(session: Session, audio_id: str, asset_id: str) -> None:
    """Every track that waits for this recording is ready, or has its audio replaced by it.

    Its asset may be delivered, unless no live track uses it. The caller has locked the recording:
    no track begins to wait for it meanwhile.
    """
    replacements.lock_with_tracks(session, _waiting(audio_id))
    ready = session.scalars(
        update(TrackRow)
        .where(_waiting(audio_id))
        .values(state=TrackState.READY, asset_id=asset_id)
        .returning(TrackRow.track_id)
    ).all()
    track_news.tell_ready(session, replacements.switch(session, ready))
    if takedowns.live_tracks(session, asset_id):
        denials.withdraw(session, DenialKind.ASSET, asset_id)


def mark_audio_failed(session: Session, audio_id: str, error: LegatoError) -> None:
    """Every track that waits for this recording has failed with it.

    The caller has locked the recording: no track begins to wait for it meanwhile.
    """
    failed = session.scalars(
        update(TrackRow)
        .where(_waiting(audio_id))
        .values(state=TrackState.FAILED, error_code=error.code, error_message=error.message)
        .returning(TrackRow.track_id)
    ).all()
    seen = replacements.without_candidates(session, failed)
    track_news.tell(session, Event.TRACK_FAILED, seen)


def _waiting(audio_id: str) -> ColumnElement[bool]:
    return and_(TrackRow.audio_id == audio_id, TrackRow.state == TrackState.ENCODING, ~_DELETED)


def _made_asset(track: Track) -> str:
    if track.asset_id is None:
        raise BadInput(
            "not_ready", f"track {track.track_id}: found it {track.state}, expected it ready"
        )
    return track.asset_id


def _no_track(track_id: str) -> NotFound:
    return NotFound("no_track", f"track {track_id!r}: not in the catalogue")


def _end(session: Session, track_id: str, state: TrackState, error: LegatoError) -> None:
    _set(session, track_id, state=state, error_code=error.code, error_message=error.message)


def _set(session: Session, track_id: str, **values: str | bool | None) -> None:
    which = (TrackRow.track_id == track_id, ~_DELETED)
    session.execute(update(TrackRow).where(*which).values(**values))


def _tracks() -> "Select[TrackRow, int, int]":
    """All that have not been deleted, with the length of their recordings."""
    query = select(TrackRow, RecordingRow.samples, RecordingRow.sample_rate_hz)
    joined = query.outerjoin(RecordingRow, TrackRow.audio_id == RecordingRow.audio_id)
    return joined.where(~_DELETED)


def _track(row: TrackRow, samples: int | None, sample_rate_hz: int | None) -> Track:
    return Track(
        track_id=row.track_id,
        tenant_id=row.tenant_id,
        master_id=row.master_id,
        audio_id=row.audio_id,
        asset_id=row.asset_id,
        metadata=Metadata(title=row.title, artist=row.artist, isrc=row.isrc),
        file_name=row.file_name,
        state=TrackState(row.state),
        duration_s=samples / sample_rate_hz if samples and sample_rate_hz else None,
        error_code=row.error_code,
        error_message=row.error_message,
        created_at_ms=row.created_at_ms,
        public=row.public,
        taken_down_at_ms=row.taken_down_at_ms,
        takedown_reason=row.takedown_reason,
    )
