"""Purges in the catalogue: who has to be asked, who is being asked, who has confirmed."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from legato.catalog import purges, takedowns, tracks
from legato.catalog.objects import recordings
from legato.catalog.purges import Purge

EDGES = ["nginx=http://a", "nginx=http://b"]


@pytest.fixture
def asset(session: Session, add_track: Callable[..., str]) -> str:
    add_track("m1", "a1")
    return recordings.add_asset(session, "asset", "a1", "r1")


def claim(session: Session, edges: list[str] = EDGES) -> list[Purge]:
    return purges.claim_due(session, edges, lease_s=30, limit=9)


def test_every_edge_is_claimed_once(session: Session, asset: str) -> None:
    purges.enter(session, asset, EDGES, delay_s=0)
    assert purges.any_due(session, EDGES)

    claimed = claim(session)

    assert [one.edge for one in claimed] == EDGES
    assert [one.attempts for one in claimed] == [1, 1]
    assert claim(session) == []
    assert not purges.any_due(session, EDGES)


def test_nothing_is_due_before_its_time_nor_at_edges_that_are_not_ours(
    session: Session, asset: str
) -> None:
    purges.enter(session, asset, EDGES[:1], delay_s=60)
    purges.enter(session, asset, EDGES[1:], delay_s=0)

    assert claim(session, EDGES[:1]) == []
    assert not purges.any_due(session, ["nginx=http://c"])


def test_a_claim_that_nobody_settles_is_due_again(session: Session, asset: str) -> None:
    purges.enter(session, asset, EDGES[:1], delay_s=0)
    purges.claim_due(session, EDGES, lease_s=-1, limit=9)

    [again] = claim(session)

    assert again.attempts == 2


def test_what_was_put_off_is_due_again_and_says_why(session: Session, asset: str) -> None:
    purges.enter(session, asset, EDGES[:1], delay_s=0)
    [claimed] = claim(session)
    purges.put_off(session, claimed, "away", delay_s=0)
    session.expire_all()

    assert purges.of_asset(session, asset)[0].error_message == "away"
    assert [one.attempts for one in claim(session)] == [2]


def test_what_is_confirmed_is_never_due_and_tells_how_long_it_took(
    session: Session, asset: str
) -> None:
    purges.enter(session, asset, EDGES[:1], delay_s=0)
    [claimed] = claim(session)
    purges.put_off(session, claimed, "away", delay_s=0)

    confirmed = purges.confirm(session, claimed)

    assert confirmed is not None
    assert 0 <= (confirmed.after_s or 0) < 60
    session.expire_all()
    assert claim(session) == []
    assert purges.of_asset(session, asset)[0].error_message is None
    assert purges.confirm(session, claimed) is None


def test_what_was_entered_is_not_entered_again(session: Session, asset: str) -> None:
    purges.enter(session, asset, EDGES[:1], delay_s=0)
    [claimed] = claim(session)
    purges.confirm(session, claimed)

    purges.enter(session, asset, EDGES, delay_s=0)

    assert [one.edge for one in claim(session)] == EDGES[1:]


def test_an_answer_to_an_older_question_confirms_nothing(session: Session, asset: str) -> None:
    older = Purge(
        asset_id=asset, edge=EDGES[0], requested_at_ms=1, confirmed_at_ms=None, attempts=1,
        error_message=None,
    )  # fmt: skip
    purges.enter(session, asset, EDGES[:1], delay_s=0)

    assert purges.confirm(session, older) is None
    purges.put_off(session, older, "away", delay_s=60)

    assert [one.error_message for one in claim(session)] == [None]


def test_a_track_is_taken_down_once_and_restored_once(
    session: Session, add_track: Callable[..., str]
) -> None:
    one, other = add_track("m1", "a1"), add_track("m2", "a1")
    asset_id = recordings.add_asset(session, "asset", "a1", "r1")
    tracks.mark_audio_ready(session, "a1", asset_id)
    assert set(takedowns.live_tracks(session, asset_id)) == {one, other}

    assert takedowns.mark_taken_down(session, one, "by mistake")
    assert not takedowns.mark_taken_down(session, one, "once more")
    session.expire_all()

    track = tracks.find_track(session, one)
    assert (track.takedown_reason, track.taken_down_at_ms is None) == ("by mistake", False)
    assert takedowns.live_tracks(session, asset_id) == [other]

    assert takedowns.mark_restored(session, one)
    assert not takedowns.mark_restored(session, one)
    assert set(takedowns.live_tracks(session, asset_id)) == {one, other}
