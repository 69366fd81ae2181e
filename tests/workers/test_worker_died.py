"""A job that kills whoever does it is given up: late, for good, and its tenant is told."""

import json
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, update

from legato.catalog import jobs, tracks
from legato.catalog.accounts import tenants
from legato.catalog.database import now_ms
from legato.catalog.jobs import Job, JobKind, JobState
from legato.catalog.news import webhooks
from legato.catalog.news.webhooks import EVERY_EVENT
from legato.catalog.objects import recordings
from legato.catalog.process_identity import this_process
from legato.catalog.schema import JobRow, WebhookMessageRow
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from legato.ingest.encode_subject import encode_subject
from legato.workers.run_job import MAX_DEATHS, run_job
from tests.catalog.conftest import a_recording

AUDIO_ID = "a5" * 32


@pytest.fixture
def track_id(deployment: Deployment) -> str:
    """A track of a tenant with a webhook; its recording waits to be encoded, without a master."""
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
        webhooks.add_webhook(
            session, tenant_id=tenant_id, url="https://example.com/hook", events=EVERY_EVENT
        )
        recordings.add_master(session, "m1", 1000)
        track_id = tracks.add_track(
            session, tenant_id=tenant_id, master_id="m1", file_name="daybreak.flac",
            metadata=Metadata(title="Daybreak", artist="The House"),
        )  # fmt: skip
        recordings.identify_master(session, "m1", a_recording(AUDIO_ID))
        tracks.mark_encoding(session, track_id, AUDIO_ID)
    return track_id


def job_after_deaths(deployment: Deployment, kind: JobKind, subject: str, deaths: int) -> str:
    """A job that so many workers died at, the last of them just now and in mid-work."""
    gone = this_process().rpartition("/")[0] + "/0"
    with deployment.database.write() as session:
        job_id = jobs.enqueue(session, kind, subject)
        session.execute(update(JobRow).values(deaths=deaths - 1))
        assert jobs.lease(session, job_id, gone, 3600)
    left = deployment.settings.scratch / f"job-{job_id}-0" / "stereo.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with deployment.database.write() as session:
        assert jobs.release_dead(session) == 1
    return job_id


def found(deployment: Deployment, kind: JobKind, subject: str) -> Job:
    with deployment.database.read() as session:
        job = jobs.find_job(session, kind, subject)
    assert job is not None
    return job


def told(deployment: Deployment) -> list[dict[str, Any]]:
    with deployment.database.read() as session:
        return [json.loads(body) for body in session.scalars(select(WebhookMessageRow.body))]


@pytest.mark.parametrize("kind", [JobKind.IDENTIFY, JobKind.ENCODE])
def test_a_job_that_has_killed_too_many_workers_fails_and_its_tenant_is_told(
    kind: JobKind, deployment: Deployment, track_id: str
) -> None:
    subject = track_id if kind is JobKind.IDENTIFY else encode_subject(AUDIO_ID)
    job_id = job_after_deaths(deployment, kind, subject, MAX_DEATHS + 1)

    run_job(deployment, job_id, Event())

    job = found(deployment, kind, subject)
    assert (job.state, job.owner, job.error_code) == (JobState.FAILED, None, "worker_died")
    with deployment.database.read() as session:
        track = tracks.find_track(session, track_id)
        assert jobs.free_jobs(session, limit=9) == []
    assert (track.state, track.error_code) == (TrackState.FAILED, "worker_died")
    [message] = told(deployment)
    assert (message["type"], message["data"]["error"]["code"]) == ("track.failed", "worker_died")
    assert list(deployment.settings.scratch.iterdir()) == []


@pytest.mark.usefixtures("track_id")
def test_as_many_deaths_as_may_be_fail_no_job(deployment: Deployment) -> None:
    """It is tried as ever: here it comes to an error, which counts as an attempt, not a death."""
    subject = encode_subject(AUDIO_ID)
    job_id = job_after_deaths(deployment, JobKind.ENCODE, subject, MAX_DEATHS)

    run_job(deployment, job_id, Event())

    job = found(deployment, JobKind.ENCODE, subject)
    assert (job.state, job.attempts, job.deaths) == (JobState.QUEUED, 1, 0)
    assert job.error_code != "worker_died"
    assert told(deployment) == []


def test_an_acknowledged_upload_is_never_given_up_but_waits(deployment: Deployment) -> None:
    job_id = job_after_deaths(deployment, JobKind.RECEIVE, "u1", MAX_DEATHS + 1)

    run_job(deployment, job_id, Event())

    job = found(deployment, JobKind.RECEIVE, "u1")
    assert (job.state, job.deaths, job.error_code) == (JobState.QUEUED, 0, "worker_died")
    with deployment.database.read() as session:
        assert session.get_one(JobRow, job_id).due_at_ms > now_ms()
