"""A lease keeps a job for one worker, for as long as that worker lives and speaks."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from legato.catalog import jobs
from legato.catalog.database import Database
from legato.catalog.jobs import Job, JobKind, JobState
from legato.catalog.process_identity import this_process
from legato.catalog.schema import JobRow
from tests.running import wait_until

LEASE_S = 30.0
# A lease that has run out already, so that nobody has to wait for it.
EXPIRED_S = -1.0
THREADS = 8
JOBS = 12

LEASE_AND_WAIT = """
import sys
from legato.catalog import jobs
from legato.catalog.database import Database
from legato.catalog.process_identity import this_process
with Database(sys.argv[1]).write() as session:
    job = jobs.lease(session, sys.argv[2], this_process(), 3600)
print("leased" if job else "not free", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def job_id(database: Database) -> str:
    with database.write() as session:
        return jobs.enqueue(session, JobKind.ENCODE, "r1/a1")


@pytest.fixture
def worker(tmp_path: Path, job_id: str) -> Iterator[subprocess.Popen[str]]:
    """Another process on this machine that has leased the job."""
    url = f"sqlite:///{tmp_path}/catalog.sqlite3"
    command = [sys.executable, "-c", LEASE_AND_WAIT, url, job_id]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "leased\n"
        yield process
        process.kill()


def hold(session: Session, job_id: str, owner: str, lease_s: float = 3600) -> Job:
    """Let `owner` have leased the job."""
    leased = jobs.lease(session, job_id, owner, lease_s)
    assert leased is not None
    session.expire_all()
    return leased


def test_of_many_that_want_a_job_one_gets_it(database: Database) -> None:
    with database.write() as session:
        wanted = [jobs.enqueue(session, JobKind.ENCODE, f"r1/{n}") for n in range(JOBS)]
    barrier, got = Barrier(THREADS, timeout=30), list[tuple[str, str]]()

    def take_all(owner: str) -> None:
        for job_id in wanted:
            barrier.wait()
            with database.write() as session:
                if jobs.lease(session, job_id, owner, LEASE_S) is not None:
                    got.append((job_id, owner))

    threads = [Thread(target=take_all, args=(f"worker {n}",)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(job_id for job_id, _ in got) == sorted(wanted)
    with database.read() as session:
        assert {row.job_id: row.owner for row in session.query(JobRow)} == dict(got)


def test_a_job_in_hand_is_not_free(session: Session, job_id: str) -> None:
    jobs.lease(session, job_id, "worker", LEASE_S)

    assert jobs.free_jobs(session, limit=9) == []
    assert jobs.lease(session, job_id, "worker", LEASE_S) is None
    assert jobs.lease(session, job_id, "another", LEASE_S) is None


def test_a_lease_that_has_run_out_goes_to_another(session: Session, job_id: str) -> None:
    jobs.lease(session, job_id, "silent", EXPIRED_S)
    assert jobs.free_jobs(session, limit=9) == [job_id]

    leased = jobs.lease(session, job_id, "another", LEASE_S)

    assert leased is not None
    assert leased.state is JobState.RUNNING
    assert session.get_one(JobRow, job_id).owner == "another"


def test_workers_that_died_in_a_row_are_counted_until_one_puts_the_job_back(
    session: Session, job_id: str
) -> None:
    gone = this_process().rpartition("/")[0] + "/0"
    assert hold(session, job_id, gone).deaths == 0
    assert jobs.release_dead(session) == 1
    assert hold(session, job_id, "silent", EXPIRED_S).deaths == 1
    taken = hold(session, job_id, "another")
    assert taken.deaths == 2

    jobs.put_back(session, taken)

    session.expire_all()
    assert hold(session, job_id, "another").deaths == 0


@pytest.mark.parametrize("seen_dead", [True, False])
def test_a_job_that_its_worker_died_at_waits_behind_the_others(
    session: Session, job_id: str, seen_dead: bool
) -> None:
    """Lest one that kills its worker keeps all that wait from being done."""
    other = jobs.enqueue(session, JobKind.ENCODE, "r1/a2")
    session.execute(update(JobRow).values(due_at_ms=JobRow.due_at_ms - 60_000))
    session.execute(
        update(JobRow).where(JobRow.job_id == other).values(due_at_ms=JobRow.due_at_ms + 1)
    )
    session.expire_all()
    assert jobs.free_jobs(session, limit=9) == [job_id, other]

    hold(session, job_id, this_process().rpartition("/")[0] + "/0", EXPIRED_S)
    if seen_dead:
        assert jobs.release_dead(session) == 1
    else:
        hold(session, job_id, "silent", EXPIRED_S)
    session.flush()

    assert jobs.free_jobs(session, limit=9) == [other, job_id]


def test_a_report_keeps_the_lease(session: Session, job_id: str) -> None:
    taken = hold(session, job_id, "worker", EXPIRED_S)

    assert jobs.report(session, taken, LEASE_S, {"fraction": 0.1})

    assert jobs.lease(session, job_id, "another", LEASE_S) is None


def test_keeping_the_lease_leaves_the_progress(session: Session, job_id: str) -> None:
    taken = hold(session, job_id, "worker", EXPIRED_S)
    jobs.report(session, taken, EXPIRED_S, {"fraction": 0.1})

    assert jobs.keep(session, taken, LEASE_S)

    session.expire_all()
    assert jobs.lease(session, job_id, "another", LEASE_S) is None
    assert session.get_one(JobRow, job_id).progress == {"fraction": 0.1}


def test_who_has_lost_a_job_is_told_so_and_changes_nothing(session: Session, job_id: str) -> None:
    silent = hold(session, job_id, "silent", EXPIRED_S)
    another = hold(session, job_id, "another", LEASE_S)
    jobs.report(session, another, LEASE_S, {"fraction": 0.7})

    assert not jobs.report(session, silent, LEASE_S, {"fraction": 0.1})
    assert not jobs.keep(session, silent, LEASE_S)

    session.expire_all()
    row = session.get_one(JobRow, job_id)
    assert (row.owner, row.progress) == ("another", {"fraction": 0.7})


def test_a_job_taken_anew_starts_without_the_others_progress(session: Session, job_id: str) -> None:
    silent = hold(session, job_id, "silent", EXPIRED_S)
    jobs.report(session, silent, EXPIRED_S, {"fraction": 0.7})
    session.expire_all()

    assert hold(session, job_id, "another").progress is None


def test_a_living_workers_job_is_left_to_it(
    database: Database, worker: subprocess.Popen[str]
) -> None:
    assert worker.poll() is None
    with database.write() as session:
        assert not jobs.any_dead(session)
        assert jobs.release_dead(session) == 0


def test_a_killed_workers_job_is_free_at_once(
    database: Database, job_id: str, worker: subprocess.Popen[str]
) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    with database.write() as session:
        assert jobs.any_dead(session)
        assert jobs.release_dead(session) == 1
    with database.write() as session:
        assert not jobs.any_dead(session)
        assert jobs.lease(session, job_id, "another", LEASE_S) is not None


def test_a_killed_worker_is_dead_though_nobody_has_asked_for_its_status(
    database: Database, worker: subprocess.Popen[str]
) -> None:
    """A zombie: in a container, process 1 may never ask."""
    os.kill(worker.pid, signal.SIGKILL)

    def is_seen_dead() -> bool:
        with database.read() as session:
            return jobs.any_dead(session)

    wait_until(is_seen_dead, timeout_s=10)


def test_a_worker_of_another_machine_cannot_be_seen_dead(session: Session, job_id: str) -> None:
    hold(session, job_id, "another-machine/1/1")

    assert not jobs.any_dead(session)
    assert jobs.release_dead(session) == 0


def test_a_process_id_that_was_given_again_is_another_worker(session: Session, job_id: str) -> None:
    here = this_process().rpartition("/")[0]
    hold(session, job_id, f"{here}/1")

    assert jobs.release_dead(session) == 1


def test_this_process_is_a_living_worker(session: Session, job_id: str) -> None:
    hold(session, job_id, this_process())

    assert not jobs.any_dead(session)
