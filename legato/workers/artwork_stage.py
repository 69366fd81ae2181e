"""The stage that lets a track show the cover in its master."""

from legato.catalog import findings, jobs, track_tags, tracks
from legato.catalog.jobs import Job
from legato.deployment import Deployment
from legato.errors import NotFound
from legato.ingest.artwork import take_artwork
from legato.ingest.gate.finding import Finding
from legato.ingest.master_key import master_key
from legato.ingest.tag_formats.neutral import Tags
from legato.workers.progress import Reporter


def take_cover(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Take the cover; one that cannot be used is told as a finding. No track, no cover."""
    reporter.report("artwork", 0, 0)
    try:
        note = _take(deployment, job.subject)
    except NotFound:
        note = None  # deleted since
    with deployment.database.write() as session:
        if note is not None:
            findings.add_finding(session, job.subject, note.to_json())
        jobs.finish(session, job)


def _take(deployment: Deployment, track_id: str) -> Finding | None:
    with deployment.database.read() as session:
        master_id = tracks.find_track(session, track_id).master_id
        tags = Tags.from_json(track_tags.tags_of_track(session, track_id) or {})
    with deployment.store.local_copy(master_key(master_id)) as master:
        return take_artwork(deployment.database, deployment.store, track_id, master, tags)
