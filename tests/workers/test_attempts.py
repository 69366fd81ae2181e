"""How often a job is tried again, by what went wrong."""

from threading import Event
from typing import NoReturn

import pytest
from sqlalchemy import update

from legato.catalog import jobs
from legato.catalog.jobs import JobKind, JobState
from legato.catalog.schema import JobRow
from legato.deployment import Deployment
from legato.errors import BadInput, Unavailable
from legato.ingest.encode_subject import encode_subject
from legato.workers import run_job
from legato.workers.run_job import MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("error", "given_up"),
    [
        (BadInput("too_costly", "the master's fault, however often"), True),
        (BadInput("bad_setting", "somebody can mend it"), False),
        (Unavailable("no_space", "it will pass"), False),
        (ValueError("ours"), True),
    ],
    ids=["costly", "setting", "disk", "bug"],
)
def test_only_what_may_pass_is_tried_more_than_a_few_times(
    error: Exception, given_up: bool, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setitem(run_job._STAGES, JobKind.ENCODE, fail)
    subject = encode_subject("a5" * 32)
    with deployment.database.write() as session:
        job_id = jobs.enqueue(session, JobKind.ENCODE, subject)

    for _ in range(MAX_ATTEMPTS):
        with deployment.database.write() as session:
            session.execute(update(JobRow).values(due_at_ms=0))
        run_job.run_job(deployment, job_id, Event())

    with deployment.database.read() as session:
        job = jobs.find_job(session, JobKind.ENCODE, subject)
    assert job is not None
    assert job.state == (JobState.FAILED if given_up else JobState.QUEUED)
