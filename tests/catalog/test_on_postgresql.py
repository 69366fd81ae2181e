"""PostgreSQL has many writers: what they do at once holds as if one came after the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.orm import Session

from legato.catalog import deletion, denials, jobs, purges, replacements, tracks
from legato.catalog.database import Database
from legato.catalog.jobs import Job, JobKind, JobState
from legato.catalog.objects import artworks, recordings
from legato.catalog.objects.artworks import Artwork
from legato.catalog.process_identity import this_process
from legato.catalog.schema import MasterRow, Table, TrackRow
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Metadata
from legato.errors import Corrupt, Unavailable
from legato.transcode.ladder import LADDER
from legato.workers.run_job import audio_failed
from tests.catalog.conftest import a_recording
from tests.running import wait_until
from tests.servers.postgres import PostgresServer
from tests.tenants import made_tenant

LEASE_S = 60.0
AUDIO = a_recording("a1")
ENCODING = jobs.encode_subject(LADDER.revision, AUDIO.audio_id)
GONE_WRONG = Corrupt("gone_wrong", "it went wrong")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

Work = Callable[[Session], object]


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    database = Database(postgres.new_catalogue())
    yield database
    database.close()


@pytest.fixture
def tenant_id(database: Database) -> str:
    with database.write() as session:
        return made_tenant(session, "ensemble")


@pytest.fixture
def add_track(tenant_id: str) -> Callable[[Session, str], str]:
    """Enters a track and its master, as an upload does."""

    def add(session: Session, master_id: str) -> str:
        recordings.add_master(session, master_id, 1000)
        return tracks.add_track(
            session, tenant_id=tenant_id, master_id=master_id, file_name="daybreak.flac",
            metadata=Metadata(title="Daybreak", artist="The House Ensemble"),
        )  # fmt: skip

    return add


AddTrack = Callable[[Session, str], str]


@contextmanager
def meanwhile(database: Database, work: Work) -> Iterator[Future[object]]:
    """The block runs when another transaction has done its work, or waits for somebody's lock."""

    def whole() -> object:
        with database.write() as session:
            return work(session)

    def has_come_so_far() -> bool:
        with database.read() as session:
            return done.done() or bool(session.scalar(WAITING))

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(whole)
        wait_until(has_come_so_far)
        yield done


def is_heard(session: Session, track_id: str, master_id: str) -> None:
    """As the stage does: nothing was made of the recording yet."""
    recordings.identify_master(session, master_id, AUDIO)
    tracks.mark_encoding(session, track_id, AUDIO.audio_id)
    jobs.enqueue(session, JobKind.ENCODE, ENCODING)


def leased(session: Session, kind: JobKind, subject: str, owner: str | None = None) -> Job:
    job_id = jobs.enqueue(session, kind, subject)
    job = jobs.lease(session, job_id, owner or this_process(), LEASE_S)
    assert job is not None
    return job


def state_of(database: Database, track_id: str) -> TrackState:
    with database.read() as session:
        return tracks.find_track(session, track_id).state


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})

        assert compare_metadata(context, Table.metadata) == []


def test_two_may_migrate_at_once(postgres: PostgresServer) -> None:
    url, barrier = postgres.empty_database(), Barrier(2)

    def migrate() -> None:
        database = Database(url)
        barrier.wait()
        database.migrate()
        database.close()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(migrate) for _ in range(2)]:
            done.result()


ENTERED: dict[str, Work] = {
    "master": lambda session: recordings.add_master(session, "m2", 1000),
    "recording": lambda session: recordings.identify_master(session, "m1", AUDIO),
    "job": lambda session: jobs.enqueue(session, JobKind.ENCODE, ENCODING),
    "artwork": lambda session: artworks.add_artwork(
        session, Artwork(artwork_id="w2", sizes=(600,)), "source"
    ),
    "cover": lambda session: artworks.show_artwork(session, "t1", "w1"),
    "long grant": lambda session: denials.note_long_grant(session, "t1", 2_000_000_000),
    "purge": lambda session: purges.enter(session, "asset", ["edge"], delay_s=0),
}


@pytest.mark.parametrize("enter", ENTERED.values(), ids=ENTERED)
def test_what_two_enter_at_once_is_there_and_neither_fails(
    database: Database, add_track: AddTrack, enter: Work
) -> None:
    with database.write() as session:
        session.get_one(TrackRow, add_track(session, "m1")).track_id = "t1"
        artworks.add_artwork(session, Artwork(artwork_id="w1", sizes=(600,)), "source of w1")
        recordings.identify_master(session, "m1", a_recording("a2"))
        recordings.add_asset(session, "asset", "a2", "r1")

    with database.write() as session:
        enter(session)
        with meanwhile(database, enter) as second:
            assert not second.done()
            session.commit()
            second.result()


def test_two_uploads_of_one_new_master_at_once_are_two_tracks(
    database: Database, add_track: AddTrack
) -> None:
    with database.write() as session:
        first = add_track(session, "m1")
        with meanwhile(database, lambda session: add_track(session, "m1")) as second:
            session.commit()

            assert first != second.result()


def test_a_duplicate_that_comes_as_an_encode_fails_does_not_wait_for_ever(
    database: Database, add_track: AddTrack
) -> None:
    with database.write() as session:
        first, second = add_track(session, "m1"), add_track(session, "m2")
        is_heard(session, first, "m1")
        job = leased(session, JobKind.ENCODE, ENCODING)

    with database.write() as session:
        audio_failed(session, ENCODING, GONE_WRONG)
        jobs.fail(session, job, GONE_WRONG)
        with meanwhile(database, lambda session: is_heard(session, second, "m2")):
            session.commit()

    with database.read() as session:
        encode = jobs.find_job(session, JobKind.ENCODE, ENCODING)
    assert encode is not None
    assert encode.state is JobState.QUEUED
    assert state_of(database, first) is TrackState.FAILED
    assert state_of(database, second) is TrackState.ENCODING


def test_a_master_that_is_deleted_and_sent_again_at_once_is_marked_as_needed(
    database: Database, add_track: AddTrack, tenant_id: str
) -> None:
    with database.write() as session:
        old = add_track(session, "m1")

    with database.write() as session:
        add_track(session, "m1")
        with meanwhile(
            database, lambda session: deletion.mark_deleted(session, old, tenant_id)
        ) as deleted:
            session.commit()
            deleted.result()

    with database.read() as session:
        assert session.get_one(MasterRow, "m1").unreferenced_at_ms is None


def test_a_job_that_was_just_leased_is_not_taken_for_a_dead_workers(database: Database) -> None:
    dead = this_process().rpartition("/")[0] + "/0"
    with database.write() as session:
        job_id = leased(session, JobKind.IDENTIFY, "t1", dead).job_id
        session.execute(text("UPDATE jobs SET leased_until_ms = 0"))

    with database.write() as session:
        lease = jobs.lease(session, job_id, "another-machine/1/1", LEASE_S)
        with meanwhile(database, jobs.release_dead) as released:
            session.commit()
            assert released.result() == 0

    assert lease is not None
    assert lease.deaths == 1
    with database.write() as session:
        assert jobs.keep(session, lease, LEASE_S)


@pytest.mark.parametrize("what", ["another replacement", "deleted"])
def test_new_audio_that_is_ready_waits_for_who_has_its_track_and_not_the_other_way_round(
    database: Database, add_track: AddTrack, tenant_id: str, what: str
) -> None:
    with database.write() as session:
        track_id, candidate, another = (add_track(session, f"m{n}") for n in range(3))
        replacements.enter(session, track_id, candidate, grant_ttl_s=3600)
        is_heard(session, candidate, "m1")

    def is_ready(session: Session) -> None:
        recordings.lock_recording(session, AUDIO.audio_id)
        delivered = recordings.add_asset(session, "asset", AUDIO.audio_id, LADDER.revision)
        tracks.mark_audio_ready(session, AUDIO.audio_id, delivered)

    with database.write() as session:
        session.get(TrackRow, track_id, with_for_update=True)
        with meanwhile(database, is_ready) as ready:
            if what == "deleted":
                deletion.mark_deleted(session, track_id, tenant_id)
            else:
                replacements.enter(session, track_id, another, grant_ttl_s=3600)
            session.commit()
            ready.result()

    with database.read() as session:
        assert session.get(TrackRow, candidate) is None
        assert session.get_one(TrackRow, track_id).state == TrackState.RECEIVED


def test_what_names_a_row_that_has_just_gone_may_be_tried_again(database: Database) -> None:
    with pytest.raises(Unavailable, match="violates foreign key") as raised, database.write() as s:
        recordings.add_asset(s, "asset", "no such recording", "r1")

    assert raised.value.code == "catalog_conflict"
