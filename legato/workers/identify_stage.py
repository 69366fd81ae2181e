"""The stage that says which recording a track is."""

from functools import partial

from legato.catalog import jobs, recordings, tracks
from legato.catalog.jobs import Job
from legato.catalog.recordings import Recording
from legato.deployment import Deployment
from legato.errors import BadInput, Unavailable
from legato.ingest.identity import identify
from legato.ingest.intake import master_key, recording_of, settle_identity
from legato.workers.progress import Reporter


def identify_track(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Hear a track's master; it goes on to be encoded, or is refused with the reason."""
    with deployment.database.read() as session:
        track = tracks.find_track(session, job.subject)
        known = recordings.recording_of_master(session, track.master_id)
    try:
        recording = known or _hear(deployment, track.master_id, reporter)
    except BadInput as error:
        with deployment.database.write() as session:
            jobs.finish(session, job)
            tracks.mark_refused(session, track.track_id, error)
        return
    with deployment.database.write() as session:
        jobs.finish(session, job)
        settle_identity(session, track.track_id, track.master_id, recording)


def _hear(deployment: Deployment, master_id: str, reporter: Reporter) -> Recording:
    try:
        listening = deployment.listening
    except BadInput as error:  # a wrong setting is no fault of the master
        raise Unavailable(error.code, error.message) from error
    with deployment.store.local_copy(master_key(master_id)) as master:
        return recording_of(identify(master, listening, partial(reporter.report, "identify")))
