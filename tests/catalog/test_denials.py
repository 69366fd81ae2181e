"""Denials in the catalogue: as long as a grant may be out, and cheap to ask about."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from legato.catalog import denials, recordings, tracks
from legato.catalog.database import Database
from legato.catalog.denials import KEPT_AT_LEAST_S, Denial, DenialKind
from legato.catalog.schema import DenialRow

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


def test_a_grant_that_was_made_longer_than_is_usual_lengthens_denials(session: Session) -> None:
    year_s = int(time.time()) + 365 * DAY_S
    denials.note_long_grant(session, "t1", year_s)
    denials.note_long_grant(session, "t1", year_s - DAY_S)

    assert deny(session, TRACK, "t1").until_s == year_s
    assert deny(session, GRANT, "g1").until_s == year_s  # whose track nobody knows
    assert [one.subject for one in denials.current(session)] == ["g1", "t1"]


def test_a_track_denied_again_is_denied_until_now(session: Session) -> None:
    first = deny(session, TRACK, "t1")
    second = denials.deny(session, TRACK, "t1", grant_ttl_s=DAY_S, margin_s=5)

    assert second.denied_at_s >= first.denied_at_s + 5
    assert denials.current(session) == [second]


def test_what_has_expired_is_not_listed_and_goes_with_the_next_denial(session: Session) -> None:
    deny(session, GRANT, "old")
    let_expire(session, "old")
    assert denials.current(session) == []

    deny(session, GRANT, "new")

    assert session.get(DenialRow, (GRANT, "old")) is None
    assert [one.subject for one in denials.current(session)] == ["new"]


@pytest.mark.parametrize("kind", list(DenialKind))
def test_every_change_and_nothing_else_counts(session: Session, kind: DenialKind) -> None:
    counted = [denials.changes(session)]
    deny(session, kind, "one")
    counted.append(denials.changes(session))
    deny(session, kind, "one")
    counted.append(denials.changes(session))
    assert denials.withdraw(session, kind, "one")
    counted.append(denials.changes(session))
    assert not denials.withdraw(session, kind, "one")
    denials.note_long_grant(session, "t1", 1 << 40)
    counted.append(denials.changes(session))

    assert counted == [0, 1, 2, 3, 3]


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
    session: Session, add_track: Callable[..., str]
) -> None:
    asset_id = recordings.add_asset(session, "asset", "a1", "r1") if add_track("m1", "a1") else ""
    deny(session, ASSET, asset_id)

    tracks.mark_audio_ready(session, "a2", asset_id)
    assert [one.kind for one in denials.current(session)] == [ASSET]

    tracks.mark_audio_ready(session, "a1", asset_id)
    assert denials.current(session) == []
