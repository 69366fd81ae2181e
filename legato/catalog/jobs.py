"""Jobs and their leases: the truth about what has to be done.

Whoever changes a job with what it is about locks the recording first, then tracks, then the job,
so that no two of them wait for each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import new_id, now_ms
from legato.catalog.insertion import insert_if_new
from legato.catalog.process_identity import lives
from legato.catalog.schema import JobRow
from legato.errors import LegatoError


class JobKind(StrEnum):
    """`receive` works on an upload, `identify` and `artwork` on a track, `encode` on audio."""

    RECEIVE = "receive"
    IDENTIFY = "identify"
    ARTWORK = "artwork"
    ENCODE = "encode"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LeaseLostError(Exception):
    """Another worker has the job now: leave it, and settle nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work, on the track or the recording that `subject` names."""

    job_id: str
    kind: JobKind
    subject: str
    state: JobState
    owner: str | None
    attempts: int
    deaths: int
    progress: dict[str, Any] | None
    error_code: str | None
    error_message: str | None


def encode_subject(ladder: str, audio_id: str) -> str:
    """What an encode job is about: a recording, at one revision of the ladder."""
    return f"{ladder}/{audio_id}"


def enqueue(session: Session, kind: JobKind, subject: str, *, asked_by: str | None = None) -> str:
    """See to it that this work is done: one job, however often it is asked for.

    A job that failed before starts over. `asked_by` is the tenant, where tenants share the work.
    """
    query = select(JobRow).where(JobRow.kind == kind, JobRow.subject == subject).with_for_update()
    query = query.execution_options(populate_existing=True)
    while (row := session.scalar(query)) is None:
        insert_if_new(
            session, JobRow,
            job_id=new_id(), kind=kind, subject=subject, state=JobState.QUEUED, attempts=0,
            deaths=0, asked_by=asked_by, due_at_ms=now_ms(), created_at_ms=now_ms(),
        )  # fmt: skip
    if row.state == JobState.FAILED:
        row.state, row.attempts, row.deaths = JobState.QUEUED, 0, 0
        row.asked_by, row.due_at_ms = asked_by, now_ms()
        row.error_code = row.error_message = None
    session.flush()
    return row.job_id


def find_job(session: Session, kind: JobKind, subject: str) -> Job | None:
    row = session.scalar(select(JobRow).where(JobRow.kind == kind, JobRow.subject == subject))
    return _job(row) if row is not None else None


def lease(session: Session, job_id: str, owner: str, lease_s: float) -> Job | None:
    """Take a job if it is free: queued and due, or its worker is gone or silent."""
    row = session.scalar(
        select(JobRow).where(JobRow.job_id == job_id, _free()).with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    if row.state == JobState.RUNNING:
        _count_death(row)
    row.state, row.owner, row.leased_until_ms = JobState.RUNNING, owner, _until(lease_s)
    row.progress = None
    session.flush()
    return _job(row)


def report(session: Session, job: Job, lease_s: float, progress: dict[str, Any]) -> bool:
    """Tell how far a job is and keep its lease; False if it is no longer ours."""
    return _extend(session, job, lease_s, progress=progress)


def keep(session: Session, job: Job, lease_s: float) -> bool:
    """Keep a job's lease; False if it is no longer ours."""
    return _extend(session, job, lease_s)


def _extend(session: Session, job: Job, lease_s: float, **values: Any) -> bool:
    kept = session.execute(
        update(JobRow)
        .where(JobRow.job_id == job.job_id, JobRow.owner == job.owner)
        .where(JobRow.state == JobState.RUNNING)
        .values(leased_until_ms=_until(lease_s), **values)
        .returning(JobRow.job_id)
    )
    return kept.first() is not None


def cancel(session: Session, kind: JobKind, subject: str) -> None:
    """Let this work not be done any more; whoever has it in hand finds its lease lost."""
    session.execute(delete(JobRow).where(JobRow.kind == kind, JobRow.subject == subject))


def cancel_work_on_track(session: Session, track_id: str) -> None:
    """Cancel all that is to be done with a track's master."""
    for kind in (JobKind.IDENTIFY, JobKind.ARTWORK):
        cancel(session, kind, track_id)


def forget(session: Session, kind: JobKind, subjects: Collection[str]) -> None:
    """Remember no more that this work was done, or failed; what waits or runs stays."""
    session.execute(
        delete(JobRow)
        .where(JobRow.kind == kind, JobRow.subject.in_(subjects))
        .where(JobRow.state.in_((JobState.DONE, JobState.FAILED)))
    )


def finish(session: Session, job: Job) -> None:
    """The work is done. Raises LeaseLostError if it is somebody else's by now."""
    _settle(session, job, state=JobState.DONE, error_code=None, error_message=None)


def let_go(session: Session, job: Job) -> None:
    """The work is not done and nobody wants it: who asks for it begins anew.

    Raises LeaseLostError if it is somebody else's by now.
    """
    finish(session, job)
    cancel(session, job.kind, job.subject)


def fail(session: Session, job: Job, error: LegatoError) -> None:
    """The work cannot be done. Raises LeaseLostError if it is somebody else's by now."""
    _settle(
        session, job,
        state=JobState.FAILED, error_code=error.code, error_message=error.message,
    )  # fmt: skip


def put_back(
    session: Session, job: Job, *, delay_s: float = 0.0, error: LegatoError | None = None
) -> None:
    """Let somebody do the work later; an attempt counts if it came to an error.

    The worker lives: the deaths before it are forgotten. Raises LeaseLostError if it is somebody
    else's by now.
    """
    _settle(
        session, job,
        state=JobState.QUEUED, due_at_ms=now_ms() + int(delay_s * 1000),
        attempts=JobRow.attempts + (1 if error else 0), deaths=0,
        error_code=error.code if error else None, error_message=error.message if error else None,
    )  # fmt: skip


def free_jobs(session: Session, *, limit: int) -> list[str]:
    """Jobs that wait for a worker: what is quick and tells people most first, then by age."""
    quick_first = case((JobRow.kind == JobKind.ENCODE, 1), else_=0)
    query = select(JobRow.job_id).where(_free())
    return list(
        session.scalars(query.order_by(quick_first, JobRow.due_at_ms, JobRow.job_id).limit(limit))
    )


def running(session: Session, kind: JobKind) -> list[Job]:
    """The jobs of a kind that some worker has in hand."""
    rows = session.scalars(
        select(JobRow).where(JobRow.kind == kind, JobRow.state == JobState.RUNNING)
    )
    return [_job(row) for row in rows]


def unfinished(session: Session, kind: JobKind, subjects: Sequence[str]) -> set[str]:
    """Those of these subjects with which something is still to be done."""
    query = select(JobRow.subject).where(
        JobRow.kind == kind,
        JobRow.subject.in_(subjects),
        JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)),
    )
    return set(session.scalars(query))


def any_dead(session: Session) -> bool:
    """Whether a worker on this machine died with a job in hand."""
    return bool(_orphans(session))


def release_dead(session: Session) -> int:
    """Free the jobs of workers on this machine that no longer live; answers how many."""
    orphans = _orphans(session, lock=True)
    for row in orphans:
        _count_death(row)
        row.state, row.owner, row.leased_until_ms = JobState.QUEUED, None, None
    return len(orphans)


def _orphans(session: Session, *, lock: bool = False) -> list[JobRow]:
    """With `lock`, those that somebody else is just taking are left out."""
    query = select(JobRow).where(JobRow.state == JobState.RUNNING)
    running = session.scalars(query.with_for_update(skip_locked=True) if lock else query)
    return [row for row in running if row.owner is not None and lives(row.owner) is False]


def _count_death(row: JobRow) -> None:
    """A worker did not put the job back; what waits already comes before it now."""
    row.deaths += 1
    row.due_at_ms = now_ms()


def _settle(session: Session, job: Job, **values: Any) -> None:
    """End a lease, if it is still the one that the job was taken with."""
    settled = session.execute(
        update(JobRow)
        .where(JobRow.job_id == job.job_id, JobRow.owner == job.owner)
        .where(JobRow.state == JobState.RUNNING)
        .values(owner=None, leased_until_ms=None, progress=None, **values)
        .returning(JobRow.job_id)
    )
    if settled.first() is None:
        raise LeaseLostError(job.job_id)


def _free() -> ColumnElement[bool]:
    now = now_ms()
    waiting = and_(JobRow.state == JobState.QUEUED, JobRow.due_at_ms <= now)
    abandoned = and_(JobRow.state == JobState.RUNNING, JobRow.leased_until_ms < now)
    return or_(waiting, abandoned)


def _until(lease_s: float) -> int:
    return now_ms() + int(lease_s * 1000)


def _job(row: JobRow) -> Job:
    return Job(
        job_id=row.job_id,
        kind=JobKind(row.kind),
        subject=row.subject,
        state=JobState(row.state),
        owner=row.owner,
        attempts=row.attempts,
        deaths=row.deaths,
        progress=row.progress,
        error_code=row.error_code,
        error_message=row.error_message,
    )
