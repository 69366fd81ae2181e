"""Run one job: lease it, do its stage, settle it whatever happens."""

import errno
from contextlib import suppress
from threading import Event
from typing import Final

import structlog
from sqlalchemy.orm import Session

from legato.catalog import jobs, tracks
from legato.catalog.jobs import Job, JobKind, LeaseLostError
from legato.catalog.objects import recordings
from legato.catalog.process_identity import this_process
from legato.deployment import Deployment
from legato.errors import BadInput, Corrupt, LegatoError, Unavailable
from legato.ingest.encode_subject import audio_id_of
from legato.workers.artwork_stage import take_cover
from legato.workers.encode_stage import encode_recording, remove_folders
from legato.workers.identify_stage import identify_track
from legato.workers.progress import Reporter, StoppingError
from legato.workers.receive_stage import receive_upload

# What may be our own fault is tried so often, what only waits for something for some hours.
MAX_ATTEMPTS: Final = 3
MAX_ATTEMPTS_UNAVAILABLE: Final = 50
# One that kills its workers (memory, a crash of the interpreter) would be begun for ever. Far more
# than machines fail by themselves: 40 power cuts in a row must fail no job.
MAX_DEATHS: Final = 100
_FIRST_DELAY_S: Final = 2.0
_LONGEST_DELAY_S: Final = 300.0
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

_STAGES: Final = {
    JobKind.RECEIVE: receive_upload,
    JobKind.IDENTIFY: identify_track,
    JobKind.ARTWORK: take_cover,
    JobKind.ENCODE: encode_recording,
}

log = structlog.get_logger()


def run_job(deployment: Deployment, job_id: str, stopping: Event) -> None:
    """Do a job if it is free; what comes of it is in the catalogue.

    Raises only what keeps the catalogue itself from being read or written.
    """
    lease_s = deployment.settings.lease_s
    with deployment.database.write() as session:
        job = jobs.lease(session, job_id, this_process(), lease_s)
    if job is None:
        return
    try:
        _spare_the_worker(deployment, job)
        with Reporter(deployment.database, job, lease_s, stopping) as reporter:
            _STAGES[job.kind](deployment, job, reporter)
        log.info("job_done", kind=job.kind, subject=job.subject)
    except LeaseLostError:
        log.warning("lease_lost", kind=job.kind, subject=job.subject)
    except StoppingError:
        with suppress(LeaseLostError), deployment.database.write() as session:
            jobs.put_back(session, job)
    except Exception as error:  # noqa: BLE001 - a worker outlives every job
        with suppress(LeaseLostError):
            _settle_error(deployment, job, error)


def _spare_the_worker(deployment: Deployment, job: Job) -> None:
    """Raises Corrupt `worker_died` for a job that has cost too many; what they left is gone."""
    if job.deaths > MAX_DEATHS:
        remove_folders(deployment.settings.scratch, job.job_id)
        raise Corrupt("worker_died", f"{job.deaths} workers in a row died with it in hand")


def _settle_error(deployment: Deployment, job: Job, error: Exception) -> None:
    """Try again later, or give up and tell the tracks that wait."""
    known = _in_our_words(error)
    attempt = job.attempts + 1
    most = _most_attempts(job, known)
    log.error(
        "job_failed", kind=job.kind, subject=job.subject, code=known.code, error=known.message,
        attempt=attempt, last=attempt >= most,
        exc_info=None if isinstance(error, LegatoError) else error,
    )  # fmt: skip
    with deployment.database.write() as session:
        # An upload was acknowledged: it is tried for as long as it takes.
        if attempt < most or job.kind is JobKind.RECEIVE:
            delay_s = min(_FIRST_DELAY_S * 2 ** min(job.attempts, 10), _LONGEST_DELAY_S)
            jobs.put_back(session, job, delay_s=delay_s, error=known)
            return
        shown = Corrupt(known.code, "this could not be done; the operator's log says why")
        _TELL_FAILURE[job.kind](session, job.subject, shown)
        jobs.fail(session, job, known)


def _most_attempts(job: Job, error: LegatoError) -> int:
    if job.deaths > MAX_DEATHS:
        return 0
    return MAX_ATTEMPTS_UNAVAILABLE if isinstance(error, Unavailable) else MAX_ATTEMPTS


def _no_cover(_session: Session, _track_id: str, _error: LegatoError) -> None:
    """The track is as good without: the job says why."""


def audio_failed(session: Session, encode_subject: str, error: LegatoError) -> None:
    """Tell every track that waits for the recording."""
    audio_id = audio_id_of(encode_subject)
    # A duplicate is in before this, and told too; or after, and begins the job anew.
    recordings.lock_recording(session, audio_id)
    tracks.mark_audio_failed(session, audio_id, error)


_TELL_FAILURE: Final = {
    JobKind.IDENTIFY: tracks.mark_failed,
    JobKind.ARTWORK: _no_cover,
    JobKind.ENCODE: audio_failed,
}


def _in_our_words(error: Exception) -> LegatoError:
    """What an error is to whoever waits: a full disk will pass, the rest is ours to mend."""
    if isinstance(error, BadInput) and error.code != "too_costly":
        # The stages have told tracks of theirs: this is a setting.
        return Unavailable(error.code, error.message)
    if isinstance(error, LegatoError):
        return error
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Unavailable("no_space", f"scratch: {error.strerror}")
    return Corrupt("internal", repr(error))
