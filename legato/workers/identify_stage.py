"""The stage that says which recording a track is."""

from functools import partial

from legato.catalog import jobs, recordings, tracks
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.ingest.identity import identify
from legato.ingest.intake import master_key, recording_of, settle_identity
from legato.workers.progress import Reporter


def identify_track(deployment: Deployment, job_id: str, track_id: str, reporter: Reporter) -> None:
    """Hear a track's master; it goes on to be encoded, or is refused with the reason."""
    with deployment.database.read() as session:
        track = tracks.find_track(session, track_id)
        known = recordings.recording_of_master(session, track.master_id)
    if known is None:
        try:
            with deployment.store.local_copy(master_key(track.master_id)) as master:
                identity = identify(
                    master, deployment.listening, partial(reporter.report, "identify")
                )
        except BadInput as error:
            with deployment.database.write() as session:
                tracks.mark_refused(session, track_id, error)
                jobs.finish(session, job_id)
            return
        known = recording_of(identity)
    with deployment.database.write() as session:
        settle_identity(session, track_id, track.master_id, known)
        jobs.finish(session, job_id)
