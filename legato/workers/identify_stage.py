"""The stage that says which recording a track is, and whether it may be delivered."""

from functools import partial

from legato.catalog import jobs, tracks
from legato.catalog.jobs import Job
from legato.catalog.objects import recordings
from legato.deployment import Deployment
from legato.errors import BadInput, Unavailable
from legato.ingest.heard import Heard, KnownRecordings, settle_refusal
from legato.ingest.identity import identify
from legato.ingest.master_key import master_key
from legato.workers.progress import Reporter


def identify_track(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Hear a track's master; it goes on to be encoded, or is refused with the reason.

    The same bytes are heard once.
    """
    with deployment.database.read() as session:
        track = tracks.find_track(session, job.subject)
        known = Heard.before(session, track.master_id)
    try:
        heard = known or _hear(deployment, track.master_id, reporter)
    except BadInput as error:
        with deployment.database.write() as session:
            tracks.lock_track(session, track.track_id)
            jobs.finish(session, job)
            settle_refusal(session, track.track_id, error)
        return
    with deployment.database.write() as session:
        recordings.lock_recording(session, heard.recording.audio_id)
        tracks.lock_track(session, track.track_id)
        jobs.finish(session, job)
        heard.settle(session, track.track_id, track.master_id)


def _hear(deployment: Deployment, master_id: str, reporter: Reporter) -> Heard:
    try:
        listening = deployment.listening
    except BadInput as error:  # a wrong setting is no fault of the master
        raise Unavailable(error.code, error.message) from error
    with deployment.store.local_copy(master_key(master_id)) as master:
        on_heard = partial(reporter.report, "identify")
        known = KnownRecordings(deployment.database)
        return Heard.of(identify(master, listening, on_heard, known))
