"""Tracks: their states, their order, and whose they are."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import ORMExecuteState, Session

from legato.catalog import tracks
from legato.catalog.objects import recordings
from legato.catalog.place import Place
from legato.catalog.schema import TrackRow
from legato.catalog.track_state import TrackState
from legato.errors import BadInput, NotFound
from tests.tenants import made_tenant

AddTrack = Callable[..., str]
ERROR = BadInput("truncated", "found less than the header declares")


def state_of(session: Session, track_id: str) -> TrackState:
    session.expire_all()
    return tracks.find_track(session, track_id).state


def come_at(session: Session, created_at_ms: int, *track_ids: str) -> None:
    session.execute(
        update(TrackRow).where(TrackRow.track_id.in_(track_ids)).values(created_at_ms=created_at_ms)
    )


def test_a_track_goes_from_received_over_encoding_to_ready(
    session: Session, add_track: AddTrack
) -> None:
    track_id = add_track()
    assert state_of(session, track_id) is TrackState.RECEIVED
    add_track(audio_id="a1")

    tracks.mark_encoding(session, track_id, "a1")
    assert state_of(session, track_id) is TrackState.ENCODING

    tracks.mark_audio_ready(session, "a1", recordings.add_asset(session, "asset", "a1", "r1"))
    assert state_of(session, track_id) is TrackState.READY
    assert tracks.find_track(session, track_id).asset_id == "asset"


def test_a_recording_that_is_ready_makes_all_of_its_tracks_ready_and_no_others(
    session: Session, add_track: AddTrack
) -> None:
    waiting = [add_track("m1", "a1"), add_track("m2", "a1")]
    refused, other = add_track("m3", "a1"), add_track("m4", "a2")
    tracks.mark_refused(session, refused, ERROR)

    tracks.mark_audio_ready(session, "a1", recordings.add_asset(session, "asset", "a1", "r1"))

    assert [state_of(session, one) for one in waiting] == [TrackState.READY] * 2
    assert state_of(session, refused) is TrackState.REFUSED
    assert state_of(session, other) is TrackState.ENCODING


def test_a_recording_that_failed_leaves_ready_tracks_ready(
    session: Session, add_track: AddTrack
) -> None:
    ready, waiting = add_track("m1", "a1"), add_track("m2", "a2")
    tracks.mark_audio_ready(session, "a1", recordings.add_asset(session, "asset", "a1", "r1"))

    for audio_id in ("a1", "a2"):
        tracks.mark_audio_failed(session, audio_id, ERROR)

    assert state_of(session, ready) is TrackState.READY
    assert state_of(session, waiting) is TrackState.FAILED


@pytest.mark.parametrize(
    ("mark", "state"),
    [(tracks.mark_refused, TrackState.REFUSED), (tracks.mark_failed, TrackState.FAILED)],
)
def test_a_track_that_ended_badly_says_why(
    session: Session,
    add_track: AddTrack,
    mark: Callable[[Session, str, BadInput], None],
    state: TrackState,
) -> None:
    track_id = add_track()

    mark(session, track_id, ERROR)

    session.expire_all()
    track = tracks.find_track(session, track_id)
    assert (track.state, track.error_code, track.error_message) == (
        state, "truncated", "found less than the header declares",
    )  # fmt: skip


def test_the_length_is_known_once_the_recording_is(session: Session, add_track: AddTrack) -> None:
    received, identified = add_track("m1"), add_track("m2", "a1")
    session.expire_all()

    assert tracks.find_track(session, received).duration_s is None
    assert tracks.find_track(session, identified).duration_s == 5.0


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_show_every_track_once_in_order_even_of_one_millisecond(
    session: Session, tenant_id: str, add_track: AddTrack, limit: int
) -> None:
    ids = [add_track() for _ in range(7)]
    come_at(session, 1000, *ids[:2])
    come_at(session, 2000, *ids[2:6])
    come_at(session, 3000, ids[6])
    expected = [*sorted(ids[:2]), *sorted(ids[2:6]), ids[6]]

    seen: list[str] = []
    behind = None
    while page := tracks.list_tracks(session, tenant_id, limit=limit, behind=behind):
        assert len(page) <= limit
        seen += [track.track_id for track in page]
        behind = tracks.place_of(page[-1])

    assert seen == expected


def test_a_list_is_of_one_tenant(session: Session, tenant_id: str, add_track: AddTrack) -> None:
    other = made_tenant(session, "another")
    ours, theirs = add_track(), add_track(tenant=other)

    assert [one.track_id for one in tracks.list_tracks(session, tenant_id, limit=9)] == [ours]
    assert [one.track_id for one in tracks.list_tracks(session, other, limit=9)] == [theirs]
    before_all = Place(at_ms=0, item_id="0")
    found = tracks.list_tracks(session, tenant_id, limit=9, behind=before_all)
    assert [one.track_id for one in found] == [ours]


def test_another_tenants_track_is_not_found(
    session: Session, tenant_id: str, add_track: AddTrack
) -> None:
    theirs = add_track(tenant=made_tenant(session, "another"))

    with pytest.raises(NotFound) as refused:
        tracks.find_track(session, theirs, tenant_id)
    with pytest.raises(NotFound) as absent:
        tracks.find_track(session, "0" * len(theirs), tenant_id)

    assert refused.value.message.replace(theirs, "…") == absent.value.message.replace("0" * 20, "…")
    assert tracks.find_track(session, theirs).track_id == theirs


def test_an_id_that_postgresql_takes_from_nobody_is_not_asked_for(session: Session) -> None:
    asked: list[ORMExecuteState] = []
    event.listen(session, "do_orm_execute", asked.append)

    with pytest.raises(NotFound):
        tracks.find_track(session, "588598bbcda44dee675\0")

    assert asked == []


def test_many_tracks_are_found_at_once_and_absent_ones_passed_over(
    session: Session, add_track: AddTrack
) -> None:
    ids = [add_track() for _ in range(3)]
    absent = [f"absent{number}" for number in range(40_000)]  # more than SQLite takes variables

    found = tracks.find_tracks(session, [*ids, *absent])

    assert {track.track_id for track in found} == set(ids)


def test_a_duplicate_names_the_first_track_of_the_recording(
    session: Session, add_track: AddTrack
) -> None:
    first, second, third = add_track("m1", "a1"), add_track("m2", "a1"), add_track("m1", "a1")
    for at, track_id in enumerate((first, second, third)):
        come_at(session, at, track_id)
    session.expire_all()

    named = [
        tracks.duplicate_of(session, tracks.find_track(session, one))
        for one in (first, second, third)
    ]

    assert named == [None, first, first]


def test_a_duplicate_never_names_another_tenants_track(
    session: Session, add_track: AddTrack
) -> None:
    add_track("m1", "a1", tenant=made_tenant(session, "another"))
    ours = add_track("m1", "a1")
    session.expire_all()

    assert tracks.duplicate_of(session, tracks.find_track(session, ours)) is None


def test_a_track_that_is_not_identified_duplicates_nothing(
    session: Session, add_track: AddTrack
) -> None:
    add_track("m1"), add_track("m1")
    last = add_track("m1")

    assert tracks.duplicate_of(session, tracks.find_track(session, last)) is None


def test_a_master_is_known_by_a_tenants_track_on_it_that_was_not_refused(
    session: Session, tenant_id: str, add_track: AddTrack
) -> None:
    refused = add_track("m1")
    tracks.mark_refused(session, refused, ERROR)
    add_track("m1", tenant=made_tenant(session, "another"))
    assert tracks.find_by_master(session, tenant_id, "m1") is None

    good = add_track("m1")

    found = tracks.find_by_master(session, tenant_id, "m1")
    assert found is not None
    assert found.track_id == good
