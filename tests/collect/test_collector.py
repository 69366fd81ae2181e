"""The collector: what it takes, what it leaves, and when."""

import os
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest

from legato.catalog import denials, jobs
from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.denials import DenialKind
from legato.catalog.objects import holds
from legato.catalog.objects.references import Named, settle
from legato.catalog.process_identity import this_process
from legato.catalog.rights import rights
from legato.catalog.rights.rights import Deal
from legato.catalog.schema import (
    ArtworkRow,
    DealRow,
    DenialRow,
    FingerprintRow,
    HoldRow,
    JobRow,
    MasterRow,
    RecordingRow,
    ReviewRow,
    TrackArtworkRow,
    TrackRow,
)
from legato.errors import Unavailable
from legato.ingest.collector import Collected
from legato.ingest.encode_subject import audio_id_of
from legato.ingest.master_key import master_key
from legato.workers.encode_stage import deliver
from legato.workers.made_asset import MadeAsset
from tests.collect.interrupted_store import PowerCut
from tests.collect.world import (
    BAD,
    LEASE_S,
    World,
    asset_id,
    audio_id,
    id_of,
    is_ready,
    made_asset,
    master_of,
    objects_of_asset,
)

DAY_S = 24 * 3600
OGG = "audio/ogg"
ONE = master_of("one", 0)
ONE_MASTER, ONE_OBJECTS = master_key(id_of(ONE)), set(objects_of_asset(audio_id("one")))
ROUNDS = 25


def counts(collected: Collected) -> dict[str, int]:
    return {kind: one.count for kind, one in collected.by_kind.items() if one.count}


def test_what_a_deleted_track_had_goes_after_the_grace_period_and_not_before(
    world: World, ensemble: KeyHolder
) -> None:
    track_id = world.upload(ensemble, ONE)
    world.work()
    world.delete(ensemble, track_id)
    everything = {ONE_MASTER, *ONE_OBJECTS}

    world.wait(DAY_S - 60)
    assert counts(world.collect(grace_s=DAY_S)) == {}
    assert world.stored_keys() == everything

    world.wait(120)
    collected = world.collect(grace_s=DAY_S)
    assert counts(collected) == {"tracks": 1, "assets": 1, "masters": 1, "recordings": 1}
    assert collected.size_bytes == len(ONE) + sum(
        len(body) for body in objects_of_asset(audio_id("one")).values()
    )
    assert world.stored_keys() == set()


def test_a_dry_run_tells_the_same_and_changes_nothing(world: World, ensemble: KeyHolder) -> None:
    for sound in ("one", "two", BAD):
        track_id = world.upload(ensemble, master_of(sound, 0))
        world.work()
        if sound != "two":
            world.delete(ensemble, track_id)
    world.store.put("audio/orphan/a.ogg", b"orphan", media_type=OGG)
    before = world.stored_keys(), world.rows(TrackRow.track_id), world.rows(MasterRow.master_id)

    told = world.collect(dry_run=True)

    assert before == (
        world.stored_keys(),
        world.rows(TrackRow.track_id),
        world.rows(MasterRow.master_id),
    )
    assert told.to_json() == world.collect().to_json()
    assert counts(told)["orphans"] == 1


@pytest.mark.parametrize("wrapper", [0, 1], ids=["same bytes", "same audio"])
def test_a_deleted_track_takes_nothing_from_another_tenants(
    world: World, ensemble: KeyHolder, label: KeyHolder, wrapper: int
) -> None:
    mine, others = world.upload(ensemble, ONE), world.upload(label, master_of("one", wrapper))
    world.work()

    world.delete(ensemble, mine)
    world.collect()

    assert is_ready(world.find(others))
    assert world.stored_keys() >= ONE_OBJECTS
    assert master_key(id_of(master_of("one", wrapper))) in world.stored_keys()


def test_a_refused_tracks_master_goes_and_the_track_still_says_why(
    world: World, ensemble: KeyHolder
) -> None:
    track_id = world.upload(ensemble, master_of(BAD, 0))
    world.work()

    assert counts(world.collect()) == {"masters": 1}

    assert world.stored_keys() == set()
    assert world.find(track_id).error_code == "not_audio"
    again = world.upload(ensemble, master_of(BAD, 0))
    assert world.store.read(master_key(id_of(master_of(BAD, 0)))) == master_of(BAD, 0)
    for one in (track_id, again):
        world.delete(ensemble, one)
    world.collect()
    assert world.rows(MasterRow.master_id) == set()


def test_what_was_collected_can_be_uploaded_and_made_again(
    world: World, ensemble: KeyHolder
) -> None:
    first = world.upload(ensemble, ONE)
    world.work()
    world.delete(ensemble, first)
    world.collect()

    track_id = world.upload(ensemble, ONE)
    world.work()

    assert track_id != first
    assert is_ready(world.find(track_id))
    assert world.stored_keys() == {ONE_MASTER, *ONE_OBJECTS}


def test_nothing_is_encoded_for_tracks_that_were_deleted_meanwhile(
    world: World, ensemble: KeyHolder
) -> None:
    track_id = world.upload(ensemble, ONE)
    world.work(most=1)  # it is identified
    world.delete(ensemble, track_id)

    world.work()

    assert world.stored_keys() == {ONE_MASTER}
    assert world.rows(JobRow.subject) == set()


def test_a_collector_beside_an_encode_that_nobody_wants_any_more_leaves_nothing_undone(
    world: World, ensemble: KeyHolder
) -> None:
    track_id = world.upload(ensemble, ONE)
    world.work(most=1)  # it is identified
    with world.database.write() as session:
        [free] = jobs.free_jobs(session, limit=2)
        job = jobs.lease(session, free, this_process(), LEASE_S)
    assert job is not None

    def make(folder: Path) -> MadeAsset:
        world.delete(ensemble, track_id)
        world.collect()
        return made_asset(audio_id_of(job.subject), folder)

    deliver(world.deployment, job, make)

    assert world.rows(JobRow.subject) == world.rows(RecordingRow.audio_id) == set()
    world.collect()
    assert world.stored_keys() == set()
    again = world.upload(ensemble, ONE)
    world.work()
    assert is_ready(world.find(again))


def test_objects_that_nobody_knows_go_when_they_are_old_enough(
    world: World, ensemble: KeyHolder
) -> None:
    world.upload(ensemble, ONE)
    orphans = {master_key("ab" * 32), "audio/orphan/a.ogg", "artwork/orphan/1.jpg", "incoming/u1"}
    for key in orphans:
        world.store.put(key, b"orphan", media_type=OGG)
    strangers = {"audio/readme.txt", "masters/zz/abc", "backup/of/somebody"}
    for key in strangers:
        world.store.put(key, b"no object of ours", media_type=OGG)

    world.collect(grace_s=DAY_S)
    assert orphans <= world.stored_keys()
    world.wait(DAY_S)
    assert counts(world.collect(grace_s=DAY_S)) == {"orphans": 4}

    assert world.stored_keys() == {ONE_MASTER, *strangers}


def test_what_is_just_being_put_is_left_alone(world: World) -> None:
    key = master_key("ab" * 32)
    world.store.put(key, b"on its way", media_type=OGG)
    with world.database.write() as session:
        assert holds.take_write(session, holds.of_master("ab" * 32))

    assert counts(world.collect()) == {}
    assert world.stored_keys() == {key}


def test_what_was_never_marked_has_its_grace_from_when_it_is_found(
    world: World, ensemble: KeyHolder
) -> None:
    """As in a catalogue of before there were marks."""
    world.delete(ensemble, world.upload(ensemble, ONE))
    with world.database.write() as session:
        session.get_one(MasterRow, id_of(ONE)).unreferenced_at_ms = None
    world.wait(2 * DAY_S)

    assert counts(world.collect(grace_s=DAY_S)) == {"tracks": 1}
    world.wait(DAY_S)
    assert counts(world.collect(grace_s=DAY_S)) == {"masters": 1}


def test_a_mark_that_is_wrong_costs_nobody_the_grace_period(
    world: World, ensemble: KeyHolder
) -> None:
    """As two transactions at once may leave it: marked long ago, and needed."""
    track_id = world.upload(ensemble, ONE)
    with world.database.write() as session:
        session.get_one(MasterRow, id_of(ONE)).unreferenced_at_ms = 0

    world.collect(grace_s=DAY_S)
    world.delete(ensemble, track_id)
    world.collect(grace_s=DAY_S)

    assert master_key(id_of(ONE)) in world.stored_keys()


def test_who_waits_for_one_thing_does_not_wait_for_all_that_is_collected_with_it(
    world: World, ensemble: KeyHolder
) -> None:
    for number in range(2):
        world.delete(ensemble, world.upload(ensemble, master_of("one", number)))
    held: list[set[str]] = []
    world.store.interrupt(lambda: held.append(world.rows(HoldRow.subject)), change=1)

    world.collect()

    assert [len(one) for one in held] == [1]


def test_artwork_goes_with_the_last_track_that_shows_it(world: World, ensemble: KeyHolder) -> None:
    with world.database.write() as session:
        session.add(ArtworkRow(artwork_id="cover", sizes={}, created_at_ms=0))
    world.store.put("artwork/cover/300.jpg", b"cover", media_type="image/jpeg")
    tracks = [world.upload(ensemble, ONE) for _ in range(2)]
    with world.database.write() as session:
        session.add_all(TrackArtworkRow(track_id=one, artwork_id="cover") for one in tracks)
        session.flush()
        settle(session, Named(artworks=frozenset({"cover"})))

    world.delete(ensemble, tracks[0])
    assert "artworks" not in counts(world.collect())
    world.delete(ensemble, tracks[1])

    assert counts(world.collect())["artworks"] == 1
    assert world.stored_keys() == set()


def test_all_that_hangs_on_a_deleted_track_goes_with_it(world: World, ensemble: KeyHolder) -> None:
    tracks = [world.upload(ensemble, master_of(sound, 0)) for sound in ("one", "two")]
    world.work()
    with world.database.write() as session:
        rights.add_deal(session, tracks[0], Deal())
        denials.note_long_grant(session, tracks[0], 4_000_000_000)
        session.add(FingerprintRow(audio_id=audio_id("one"), words=b"...."))
        session.add(
            ReviewRow(
                review_id="r", audio_id=audio_id("one"), other_audio_id=audio_id("two"),
                similarity=0.9, state="open", created_at_ms=0,
            )
        )  # fmt: skip
    world.delete(ensemble, tracks[0])

    world.collect()

    assert world.rows(TrackRow.track_id) == {tracks[1]}
    assert world.rows(RecordingRow.audio_id) == {audio_id("two")}
    for column in (DealRow.deal_id, FingerprintRow.audio_id, ReviewRow.review_id):
        assert world.rows(column) == set()


def test_grants_of_a_track_that_is_gone_stay_denied_while_any_can_be_good(
    world: World, ensemble: KeyHolder
) -> None:
    track_id = world.upload(ensemble, ONE)
    world.work()
    with world.database.write() as session:
        denials.note_long_grant(session, track_id, last_s := 4_000_000_000)
    world.delete(ensemble, track_id)

    world.collect()

    with world.database.read() as session:
        for kind, subject in (
            (DenialKind.TRACK, track_id),
            (DenialKind.ASSET, asset_id(audio_id("one"))),
        ):
            row = session.get_one(DenialRow, (kind, subject))
            assert row.denied_at_s == denials.FOR_GOOD_S
            assert row.until_s <= denials.FOR_GOOD_S
        assert session.get_one(DenialRow, (DenialKind.TRACK, track_id)).until_s == last_s


def test_a_run_is_in_the_audit_log_if_it_removed_anything(
    world: World, ensemble: KeyHolder
) -> None:
    world.collect()
    world.delete(ensemble, world.upload(ensemble, ONE))
    world.collect()

    with world.database.read() as session:
        entries = audit.entries(session, limit=100)
    [entry] = [one for one in entries if one.action == "store.collected"]
    assert entry.details["masters"] == {"count": 1, "size_bytes": len(ONE)}


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("change", range(4))
def test_a_run_that_was_cut_short_is_finished_by_the_next(
    world: World, ensemble: KeyHolder, change: int, after: bool
) -> None:
    world.delete(ensemble, world.upload(ensemble, ONE))
    other = world.upload(ensemble, master_of("one", 1))
    world.work()
    world.delete(ensemble, other)
    world.store.interrupt(cut, change, after=after)
    with pytest.raises(PowerCut):
        world.collect()
    world.die()

    world.collect()
    world.collect()

    assert world.stored_keys() == set()
    assert world.rows(MasterRow.master_id) == set()


def cut() -> None:
    raise PowerCut


def test_scratch_of_a_job_that_nobody_has_goes(world: World) -> None:
    scratch: Path = world.deployment.settings.scratch
    left = scratch / "job-0123456789-abcd"
    left.mkdir(parents=True)
    (left / "aac-96").write_bytes(b"half")

    collected = world.collect()

    assert collected.to_json()["scratch"] == {"count": 1, "size_bytes": 4}
    assert not left.exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_master_that_was_left_half_received_goes(world: World, dry_run: bool) -> None:
    with world.deployment.intake.spool(BytesIO(b"more")) as in_hand:
        left = in_hand.path.with_name("upload-0123456789abcdef")
        left.write_bytes(b"half")
        for path in (left, in_hand.path):
            os.utime(path, (0, 0))

        collected = world.collect(dry_run=dry_run)

        assert collected.to_json()["scratch"] == {"count": 1, "size_bytes": 4}
        assert left.exists() == dry_run
        assert in_hand.path.exists()


def test_whoever_uploads_beside_collectors_loses_nothing(world: World, ensemble: KeyHolder) -> None:
    """The same bytes come and go, while two collectors take what they can."""
    over = Event()

    def keep_collecting() -> None:
        while not over.is_set():
            world.collect()

    def come_and_go() -> None:
        for _ in range(ROUNDS):
            track_id = world.upload(ensemble, ONE)
            assert world.store.read(ONE_MASTER) == ONE
            world.delete(ensemble, track_id)

    with ThreadPoolExecutor(4) as executor:
        collectors = [executor.submit(keep_collecting) for _ in range(2)]
        uploaders = [executor.submit(come_and_go) for _ in range(2)]
        raised = [uploader.exception() for uploader in uploaders]
        over.set()
        raised += [collector.exception() for collector in collectors]

    assert [error for error in raised if not isinstance(error, Unavailable)] == [None] * 4
    world.collect()
    assert world.stored_keys() == set()
