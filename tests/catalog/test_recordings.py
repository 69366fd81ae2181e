"""Masters hold recordings; of a recording there is one asset at a revision of the ladder."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording

DAYBREAK = Recording(audio_id="a1", lossless=True, sample_rate_hz=44_100, channels=2, samples=441)


def test_a_master_is_not_known_before_it_is_identified(session: Session) -> None:
    recordings.add_master(session, "m1", 1000)

    assert recordings.recording_of_master(session, "m1") is None
    assert recordings.find_recording(session, "a1") is None
    assert recordings.masters_of(session, "a1") == []


def test_an_identified_master_answers_what_it_holds(session: Session) -> None:
    recordings.add_master(session, "m1", 1000)

    recordings.identify_master(session, "m1", DAYBREAK)

    assert recordings.recording_of_master(session, "m1") == DAYBREAK
    assert recordings.find_recording(session, "a1") == DAYBREAK


def test_doing_it_again_changes_nothing(session: Session) -> None:
    for _ in range(2):
        recordings.add_master(session, "m1", 1000)
        recordings.identify_master(session, "m1", DAYBREAK)

    assert recordings.recording_of_master(session, "m1") == DAYBREAK


def test_what_was_first_heard_of_a_recording_stays(session: Session) -> None:
    """The same recording in a 24-bit file and a 16-bit one is described once."""
    for master_id in ("m1", "m2"):
        recordings.add_master(session, master_id, 1000)
    recordings.identify_master(session, "m1", DAYBREAK)

    recordings.identify_master(session, "m2", replace(DAYBREAK, lossless=False))

    assert recordings.recording_of_master(session, "m2") == DAYBREAK


def test_any_master_of_a_recording_will_do(session: Session) -> None:
    for master_id in ("m1", "m2"):
        recordings.add_master(session, master_id, 1000)
    recordings.identify_master(session, "m2", DAYBREAK)
    assert recordings.masters_of(session, "a1") == ["m2"]

    recordings.identify_master(session, "m1", DAYBREAK)

    assert sorted(recordings.masters_of(session, "a1")) == ["m1", "m2"]


def test_the_first_asset_of_a_recording_is_the_one_that_is_delivered(session: Session) -> None:
    recordings.add_master(session, "m1", 1000)
    recordings.identify_master(session, "m1", DAYBREAK)

    delivered = [
        recordings.add_asset(session, asset_id, "a1", "r1") for asset_id in ("one", "two", "one")
    ]

    assert delivered == ["one", "one", "one"]
    assert recordings.asset_of(session, "a1", "r1") == "one"


def test_another_revision_of_the_ladder_is_another_asset(session: Session) -> None:
    recordings.add_master(session, "m1", 1000)
    recordings.identify_master(session, "m1", DAYBREAK)
    recordings.add_asset(session, "one", "a1", "r1")
    assert recordings.asset_of(session, "a1", "r2") is None

    assert recordings.add_asset(session, "two", "a1", "r2") == "two"

    assert recordings.asset_of(session, "a1", "r1") == "one"


def test_an_asset_of_no_recording_cannot_be(session: Session) -> None:
    with pytest.raises(IntegrityError):
        recordings.add_asset(session, "one", "no such recording", "r1")

    session.rollback()
