"""Run one job: lease it, do its stage, settle it whatever happens."""

from threading import Event
from typing import Final

import structlog

from legato.catalog import jobs, tracks
from legato.catalog.jobs import Job, JobKind
from legato.deployment import Deployment
from legato.errors import Corrupt, LegatoError, Unavailable
from legato.workers.encode_stage import encode_recording
from legato.workers.identify_stage import identify_track
from legato.workers.progress import LeaseLostError, Reporter, StoppingError

MAX_ATTEMPTS: Final = 3
_FIRST_DELAY_S: Final = 2.0
_LONGEST_DELAY_S: Final = 300.0

log = structlog.get_logger()


def run_job(deployment: Deployment, job_id: str, stopping: Event) -> None:
    """Do a job if it is free. What comes of it is in the catalogue, and never raised."""
    owner, lease_s = jobs.this_worker(), deployment.settings.lease_s
    with deployment.database.write() as session:
        job = jobs.lease(session, job_id, owner, lease_s)
    if job is None:
        return
    reporter = Reporter(deployment.database, job_id, owner, lease_s, stopping)
    try:
        _do(deployment, job, reporter)
        log.info("job_done", kind=job.kind, subject=job.subject)
    except LeaseLostError:
        log.warning("lease_lost", kind=job.kind, subject=job.subject)
    except StoppingError:
        with deployment.database.write() as session:
            jobs.put_back(session, job_id)
    except Exception as error:  # noqa: BLE001 - a worker outlives every job
        _settle_error(deployment, job, error)


def _do(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    if job.kind is JobKind.IDENTIFY:
        identify_track(deployment, job.job_id, job.subject, reporter)
    else:
        encode_recording(deployment, job.job_id, audio_id_of(job.subject), reporter)


def audio_id_of(subject: str) -> str:
    """The recording that an encode job is about."""
    return subject.rpartition("/")[2]


def _settle_error(deployment: Deployment, job: Job, error: Exception) -> None:
    """Try again later, or give up and tell the tracks that wait."""
    known = error if isinstance(error, LegatoError) else Corrupt("internal", repr(error))
    last = job.attempts + 1 >= MAX_ATTEMPTS and not isinstance(error, Unavailable)
    log.error(
        "job_failed", kind=job.kind, subject=job.subject, code=known.code, error=known.message,
        attempt=job.attempts + 1, last=last,
        exc_info=None if isinstance(error, LegatoError) else error,
    )  # fmt: skip
    with deployment.database.write() as session:
        if not last:
            delay_s = min(_FIRST_DELAY_S * 2**job.attempts, _LONGEST_DELAY_S)
            jobs.put_back(session, job.job_id, delay_s=delay_s, error=known)
            return
        jobs.fail(session, job.job_id, known)
        if job.kind is JobKind.IDENTIFY:
            tracks.mark_failed(session, job.subject, known)
        else:
            tracks.mark_audio_failed(session, audio_id_of(job.subject), known)
