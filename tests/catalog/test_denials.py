"""Denials in the catalogue: as long as a grant may be out, and cheap to ask about."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import ClauseElement, event, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState, Session

from legato.catalog import denials, takedowns, tracks
from legato.catalog.database import Database
from legato.catalog.denials import FOR_GOOD_S, KEPT_AT_LEAST_S, Denial, DenialKind
from legato.catalog.objects import recordings
from legato.catalog.schema import DenialRow, TrackRow

AddTrack = Callable[..., str]
DAY_S = 24 * 3600
GRANT, TRACK, ASSET = DenialKind.GRANT, DenialKind.TRACK, DenialKind.ASSET


def deny(session: Session, kind: DenialKind, subject: str, ttl_s: int = DAY_S) -> Denial:
    return denials.deny(session, kind, subject, grant_ttl_s=ttl_s)


def let_expire(session: Session, subject: str) -> None:
    row = update(DenialRow).where(DenialRow.subject == subject)
    session.execute(row.values(until_s=int(time.time()) - 1))
    session.expire_all()


def test_what_is_denied_is_listed_by_kind_and_subject(session: Session) -> None:
    made = [deny(session, *one) for one in ((TRACK, "t1"), (GRANT, "g2"), (GRANT, "g1"))]

    assert denials.current(session) == [made[2], made[1], made[0]]


def test_a_denial_lasts_as_long_as_a_grant_made_now_or_before_may(session: Session) -> None:
    now_s = int(time.time())
    short, long = deny(session, GRANT, "g1", ttl_s=60), deny(session, GRANT, "g2", ttl_s=90 * DAY_S)

    assert short.until_s - now_s in (KEPT_AT_LEAST_S, KEPT_AT_LEAST_S + 1)
    assert long.until_s - now_s in (90 * DAY_S, 90 * DAY_S + 1)


def test_a_grant_that_was_made_longer_than_is_usual_lengthens_denials(
    session: Session, add_track: AddTrack
) -> None:
    year_s, track_id = int(time.time()) + 365 * DAY_S, add_track()
    denials.note_long_grant(session, track_id, year_s)
    denials.note_long_grant(session, track_id, year_s - DAY_S)

    assert deny(session, TRACK, track_id).until_s == year_s
    assert deny(session, GRANT, "g1").until_s == year_s  # whose track nobody knows


def test_a_track_denied_again_is_denied_until_now_and_for_no_shorter(session: Session) -> None:
    first = deny(session, TRACK, "t1", ttl_s=90 * DAY_S)
    long_ago = update(DenialRow).values(denied_at_s=first.denied_at_s - 100)
    session.execute(long_ago)

    second = deny(session, TRACK, "t1", ttl_s=60)

    assert second.denied_at_s >= first.denied_at_s
    assert second.until_s == first.until_s
    assert denials.current(session) == [second]


def test_what_is_denied_for_good_no_later_denial_shortens(session: Session) -> None:
    for_good = denials.deny_for_good(session, TRACK, "t1")

    assert (for_good.denied_at_s, for_good.until_s) == (FOR_GOOD_S, FOR_GOOD_S)
    assert deny(session, TRACK, "t1", ttl_s=60) == for_good
    assert denials.current(session) == [for_good]


def test_what_was_denied_for_good_may_be_granted_anew_and_its_past_stays(session: Session) -> None:
    denials.deny_for_good(session, TRACK, "t1")

    so_far = denials.deny_until_now(session, TRACK, "t1")

    assert int(time.time()) - so_far.denied_at_s in (0, 1)
    assert so_far.until_s == FOR_GOOD_S
    assert denials.current(session) == [so_far]


def test_what_has_expired_is_not_listed_and_goes_with_the_next_denial(session: Session) -> None:
    deny(session, GRANT, "old")
    let_expire(session, "old")
    assert denials.current(session) == []

    deny(session, GRANT, "new")

    assert session.get(DenialRow, (GRANT, "old")) is None
    assert [one.subject for one in denials.current(session)] == ["new"]


@pytest.mark.parametrize("kind", list(DenialKind))
def test_every_change_and_nothing_else_counts(
    session: Session, add_track: AddTrack, kind: DenialKind
) -> None:
    counted = [denials.changes(session)]
    for change in (
        lambda: deny(session, kind, "one"),
        lambda: denials.deny_for_good(session, kind, "one"),
        lambda: denials.deny_for_good(session, kind, "one"),
        lambda: deny(session, kind, "one"),
        lambda: denials.withdraw(session, kind, "one"),
        lambda: denials.withdraw(session, kind, "one"),
        lambda: denials.note_long_grant(session, add_track(), 1 << 40),
    ):
        change()
        counted.append(denials.changes(session))

    assert counted == [0, 1, 2, 2, 2, 3, 3, 3]


def test_a_denial_that_is_not_committed_is_none(database: Database) -> None:
    def die_midway() -> None:
        with database.write() as session:
            deny(session, GRANT, "g1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die_midway()

    with database.read() as session:
        assert (denials.current(session), denials.changes(session)) == ([], 0)


def test_asking_whether_anything_changed_costs_microseconds(database: Database) -> None:
    with database.write() as session:
        rows = [
            DenialRow(kind="grant", subject=f"{at:020x}", denied_at_s=1, until_s=1 << 40)
            for at in range(20_000)
        ]
        session.add_all(rows)

    with database.read() as session:
        denials.changes(session)
        started = time.perf_counter()
        for _ in range(100):
            denials.changes(session)
        each_s = (time.perf_counter() - started) / 100

    assert each_s < 0.002  # about 100 µs alone on a machine, most of it not the database's


def test_an_asset_may_be_delivered_again_as_soon_as_a_track_is_ready_on_it(
    session: Session, add_track: AddTrack
) -> None:
    asset_id = recordings.add_asset(session, "asset", "a1", "r1") if add_track("m1", "a1") else ""
    deny(session, ASSET, asset_id)

    tracks.mark_audio_ready(session, "a2", asset_id)
    assert [one.kind for one in denials.current(session)] == [ASSET]

    tracks.mark_audio_ready(session, "a1", asset_id)
    assert denials.current(session) == []


def test_an_asset_stays_denied_when_the_track_that_is_ready_on_it_has_been_taken_down(
    session: Session, add_track: AddTrack
) -> None:
    asset_id = recordings.add_asset(session, "asset", "a1", "r1") if add_track("m1", "a1") else ""
    tracks.mark_audio_ready(session, "a1", asset_id)
    late = add_track("m1", "a1")
    for [track_id] in session.execute(select(TrackRow.track_id)).all():
        takedowns.mark_taken_down(session, track_id, "a reason")
    denials.deny_for_good(session, ASSET, asset_id)

    tracks.mark_audio_ready(session, "a1", asset_id)

    session.expire_all()
    assert tracks.find_track(session, late).asset_id == asset_id
    assert [one.kind for one in denials.current(session)] == [ASSET]


def test_of_two_changes_of_an_assets_tracks_at_once_one_sees_the_other(
    session: Session, add_track: AddTrack
) -> None:
    """PostgreSQL has many writers: the asset's row is locked before its tracks are asked for."""
    asset_id = recordings.add_asset(session, "asset", "a1", "r1") if add_track("m1", "a1") else ""
    asked: list[str] = []

    def listen(state: ORMExecuteState) -> None:
        assert isinstance(state.statement, ClauseElement)
        asked.append(str(state.statement.compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]

    event.listen(session, "do_orm_execute", listen)
    tracks.mark_audio_ready(session, "a1", asset_id)

    lock = next(one for one in asked if "FROM assets" in one)
    live = next(one for one in asked if "FROM tracks" in one and "former_audio" in one)
    marked = next(one for one in asked if one.startswith("UPDATE tracks"))
    assert lock.endswith("FOR NO KEY UPDATE")
    assert asked.index(marked) < asked.index(lock) < asked.index(live)
