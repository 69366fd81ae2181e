"""Jobs: each is there once, waits its turn, and is settled whatever happens."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from legato.catalog import jobs
from legato.catalog.database import now_ms
from legato.catalog.jobs import Job, JobKind, JobState, LeaseLostError
from legato.catalog.schema import JobRow
from legato.errors import Corrupt

LEASE_S = 30.0
ERROR = Corrupt("encode_failed", "ffmpeg ended with 1")


@pytest.fixture
def job_id(session: Session) -> str:
    return jobs.enqueue(session, JobKind.ENCODE, "r1/a1")


def job(session: Session) -> Job:
    session.expire_all()
    found = jobs.find_job(session, JobKind.ENCODE, "r1/a1")
    assert found is not None
    return found


def take(session: Session, job_id: str, lease_s: float = LEASE_S) -> Job:
    """Lease a job that must be free."""
    leased = jobs.lease(session, job_id, "worker", lease_s)
    assert leased is not None
    return leased


def test_a_subject_has_one_job_of_a_kind(session: Session, job_id: str) -> None:
    assert jobs.enqueue(session, JobKind.ENCODE, "r1/a1") == job_id
    assert jobs.enqueue(session, JobKind.ENCODE, "r1/a2") != job_id
    assert jobs.enqueue(session, JobKind.IDENTIFY, "r1/a1") != job_id


def test_asking_again_does_not_disturb_a_job_in_hand(session: Session, job_id: str) -> None:
    jobs.lease(session, job_id, "worker", LEASE_S)

    jobs.enqueue(session, JobKind.ENCODE, "r1/a1")

    assert job(session).state is JobState.RUNNING
    assert jobs.lease(session, job_id, "another", LEASE_S) is None


def test_asking_again_does_not_repeat_what_is_done(session: Session, job_id: str) -> None:
    jobs.finish(session, take(session, job_id))

    jobs.enqueue(session, JobKind.ENCODE, "r1/a1")

    assert job(session).state is JobState.DONE
    assert jobs.free_jobs(session, limit=9) == []


def test_a_job_that_failed_starts_over_when_asked_for_again(session: Session, job_id: str) -> None:
    jobs.put_back(session, take(session, job_id), error=ERROR)
    session.execute(update(JobRow).values(deaths=7))
    session.expire_all()
    jobs.fail(session, take(session, job_id), ERROR)
    session.expire_all()
    assert jobs.free_jobs(session, limit=9) == []

    assert jobs.enqueue(session, JobKind.ENCODE, "r1/a1") == job_id

    again = job(session)
    assert (again.state, again.attempts, again.error_code) == (JobState.QUEUED, 0, None)
    assert again.deaths == 0
    assert jobs.free_jobs(session, limit=9) == [job_id]


def test_a_job_that_failed_says_why(session: Session, job_id: str) -> None:
    jobs.fail(session, take(session, job_id), ERROR)

    failed = job(session)
    assert (failed.state, failed.error_code, failed.error_message) == (
        JobState.FAILED, "encode_failed", "ffmpeg ended with 1",
    )  # fmt: skip


def test_a_job_that_is_put_back_waits_for_its_time(session: Session, job_id: str) -> None:
    taken = take(session, job_id)
    before = now_ms()

    jobs.put_back(session, taken, delay_s=60, error=ERROR)

    session.expire_all()
    row = session.get_one(JobRow, job_id)
    assert before + 60_000 <= row.due_at_ms <= now_ms() + 60_000
    assert (row.attempts, row.owner, row.leased_until_ms) == (1, None, None)
    assert jobs.free_jobs(session, limit=9) == []
    assert jobs.lease(session, job_id, "another", LEASE_S) is None


def test_a_job_whose_time_has_come_is_free_again(session: Session, job_id: str) -> None:
    jobs.put_back(session, take(session, job_id), delay_s=60, error=ERROR)

    session.execute(update(JobRow).values(due_at_ms=now_ms() - 1))

    assert jobs.free_jobs(session, limit=9) == [job_id]
    assert jobs.lease(session, job_id, "worker", LEASE_S) is not None


def test_stopping_is_no_failed_attempt(session: Session, job_id: str) -> None:
    jobs.put_back(session, take(session, job_id))

    put_back = job(session)
    assert (put_back.state, put_back.attempts, put_back.error_code) == (JobState.QUEUED, 0, None)
    assert jobs.free_jobs(session, limit=9) == [job_id]


def test_identifying_comes_before_encoding_and_the_oldest_first(session: Session) -> None:
    """Who has uploaded wants to hear of a bad file now, not after an album's encodes."""
    wanted = [
        (JobKind.ENCODE, "e1", 1), (JobKind.ENCODE, "e2", 2),
        (JobKind.IDENTIFY, "i4", 4), (JobKind.IDENTIFY, "i3", 3),
    ]  # fmt: skip
    by_subject = {subject: jobs.enqueue(session, kind, subject) for kind, subject, _ in wanted}
    for _, subject, due_at_ms in wanted:
        statement = update(JobRow).where(JobRow.subject == subject).values(due_at_ms=due_at_ms)
        session.execute(statement)

    in_turn = [by_subject[subject] for subject in ("i3", "i4", "e1", "e2")]

    assert jobs.free_jobs(session, limit=9) == in_turn
    assert jobs.free_jobs(session, limit=3) == in_turn[:3]


def test_what_is_in_hand_is_told_with_its_progress(session: Session, job_id: str) -> None:
    jobs.report(session, take(session, job_id), LEASE_S, {"fraction": 0.5})

    session.expire_all()
    [running] = jobs.running(session, JobKind.ENCODE)

    assert (running.job_id, running.progress) == (job_id, {"fraction": 0.5})
    assert jobs.running(session, JobKind.IDENTIFY) == []


SETTLE: dict[str, Callable[[Session, Job], None]] = {
    "finish": jobs.finish,
    "fail": lambda session, job: jobs.fail(session, job, ERROR),
    "put_back": jobs.put_back,
}


@pytest.mark.parametrize("settle", SETTLE.values(), ids=SETTLE)
def test_a_settled_job_is_nobodys_and_has_no_progress(
    session: Session, job_id: str, settle: Callable[[Session, Job], None]
) -> None:
    taken = take(session, job_id)
    jobs.report(session, taken, LEASE_S, {"fraction": 0.5})

    settle(session, taken)

    assert (job(session).progress, job(session).owner) == (None, None)
    assert not jobs.report(session, taken, LEASE_S, {"fraction": 0.6})
    assert not jobs.keep(session, taken, LEASE_S)


@pytest.mark.parametrize("settle", SETTLE.values(), ids=SETTLE)
def test_who_has_lost_a_job_cannot_settle_it(
    session: Session, job_id: str, settle: Callable[[Session, Job], None]
) -> None:
    """A worker that was silent too long must not fail what another is about to finish."""
    silent = take(session, job_id, lease_s=-1)
    assert jobs.lease(session, job_id, "another", LEASE_S) is not None

    with pytest.raises(LeaseLostError):
        settle(session, silent)

    assert (job(session).state, job(session).owner) == (JobState.RUNNING, "another")
