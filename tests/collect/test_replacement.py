"""Replacing audio: the old plays until the new is ready, and its grants are good until they end."""

import time

import pytest

from legato.catalog import denials, replacements, tracks
from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Track
from legato.errors import NotFound
from tests.collect.world import (
    BAD,
    GRANT_TTL_S,
    World,
    asset_id,
    audio_id,
    is_ready,
    master_of,
    objects_of_asset,
)

ONE, TWO = master_of("one", 0), master_of("two", 0)
OLD, NEW = audio_id("one"), audio_id("two")


@pytest.fixture
def track_id(world: World, ensemble: KeyHolder) -> str:
    """It plays the old audio."""
    track_id = world.upload(ensemble, ONE)
    world.work()
    return track_id


def candidate(world: World, track_id: str) -> Track | None:
    with world.database.read() as session:
        found = replacements.candidate_of(session, track_id)
        return tracks.find_track(session, found) if found else None


def stands(world: World, audio: str) -> bool:
    return set(objects_of_asset(audio)) <= world.stored_keys()


def test_the_old_audio_plays_until_the_new_is_ready(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, TWO)
    assert world.find(track_id).asset_id == asset_id(OLD)
    world.work(most=1)
    assert (world.find(track_id).state, world.find(track_id).audio_id) == (TrackState.READY, OLD)

    world.work()

    track = world.find(track_id)
    assert (track.state, track.asset_id, track.file_name) == (
        TrackState.READY, asset_id(NEW), "r.wav",
    )  # fmt: skip
    assert candidate(world, track_id) is None


def test_nobody_sees_the_new_audio_before_it_is_the_tracks(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, TWO)

    hidden = candidate(world, track_id)
    assert hidden is not None
    with world.database.read() as session:
        listed = tracks.list_tracks(session, ensemble.tenant_id, limit=10)
        assert [track.track_id for track in listed] == [track_id]
        assert tracks.find_by_master(session, ensemble.tenant_id, hidden.master_id) is None
        with pytest.raises(NotFound):
            tracks.find_track(session, hidden.track_id, ensemble.tenant_id)
    with pytest.raises(NotFound):
        world.delete(ensemble, hidden.track_id)


def test_grants_for_the_old_audio_are_good_until_they_end(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, TWO)
    world.work()

    world.wait(GRANT_TTL_S - 60)
    world.collect()
    assert stands(world, OLD)

    world.wait(120)
    world.collect()
    assert not stands(world, OLD)
    assert stands(world, NEW)


def test_a_long_grant_keeps_the_old_audio_for_longer(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    with world.database.write() as session:
        until_s = int(time.time()) + 10 * GRANT_TTL_S
        denials.note_long_grant(session, track_id, until_s)
    world.replace(ensemble, track_id, TWO)
    world.work()

    world.wait(9 * GRANT_TTL_S)
    world.collect()
    assert stands(world, OLD)

    world.wait(2 * GRANT_TTL_S)
    world.collect()
    assert not stands(world, OLD)


def test_new_audio_that_is_refused_leaves_the_old_and_says_why(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, master_of(BAD, 0))
    world.work()
    world.collect(grace_s=60)

    refused = candidate(world, track_id)
    assert refused is not None
    assert (refused.state, refused.error_code) == (TrackState.REFUSED, "not_audio")
    assert world.find(track_id).asset_id == asset_id(OLD)
    assert world.find(track_id).error_code is None

    world.replace(ensemble, track_id, TWO)
    world.work()
    assert candidate(world, track_id) is None
    assert world.find(track_id).asset_id == asset_id(NEW)


def test_of_two_replacements_the_later_one_counts(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, master_of("three", 0))
    world.replace(ensemble, track_id, TWO)

    world.work()
    world.collect()

    assert world.find(track_id).asset_id == asset_id(NEW)
    assert not stands(world, audio_id("three"))


def test_a_track_that_was_refused_is_made_good(world: World, ensemble: KeyHolder) -> None:
    track_id = world.upload(ensemble, master_of(BAD, 0))
    world.work()

    world.replace(ensemble, track_id, TWO)
    world.work()

    assert is_ready(world.find(track_id))
    assert world.find(track_id).error_code is None


def test_what_the_first_master_was_no_longer_matters_once_it_is_replaced(
    world: World, ensemble: KeyHolder
) -> None:
    """The new audio is ready before the old has been heard."""
    world.upload(ensemble, TWO)
    world.work()
    track_id = world.upload(ensemble, ONE)
    world.replace(ensemble, track_id, TWO)

    world.work(newest_first=True)

    assert world.find(track_id).asset_id == asset_id(NEW)
    assert not stands(world, OLD)


def test_a_track_that_is_down_stays_down_and_its_old_audio_denied(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, TWO)
    world.work()

    world.take_down(track_id)

    with world.database.read() as session:
        denied = {one.subject for one in denials.current(session)}
    assert {track_id, asset_id(OLD), asset_id(NEW)} <= denied
    world.restore(track_id)
    with world.database.read() as session:
        denied = {one.subject for one in denials.current(session)}
    assert denied.isdisjoint({asset_id(OLD), asset_id(NEW)})


def test_another_track_that_is_taken_down_leaves_old_grants_good(
    world: World, ensemble: KeyHolder, label: KeyHolder, track_id: str
) -> None:
    """The old audio is another tenant's too, and only theirs goes."""
    others = world.upload(label, ONE)
    world.replace(ensemble, track_id, TWO)
    world.work()

    world.take_down(others)
    world.delete(label, others)

    with world.database.read() as session:
        assert asset_id(OLD) not in {one.subject for one in denials.current(session)}


def test_a_track_is_deleted_with_its_new_and_its_former_audio(
    world: World, ensemble: KeyHolder, track_id: str
) -> None:
    world.replace(ensemble, track_id, TWO)
    world.work()
    world.replace(ensemble, track_id, master_of("three", 0))

    world.delete(ensemble, track_id)
    world.work()
    world.collect()

    assert world.stored_keys() == set()
    with pytest.raises(NotFound):
        world.replace(ensemble, track_id, TWO)
