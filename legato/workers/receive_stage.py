"""The stage that makes a track of an upload which went straight to the store."""

from legato.catalog import audit, jobs
from legato.catalog.jobs import Job
from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.workers.progress import Reporter


def receive_upload(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Read the upload once, and take it in as a master; done twice, it makes no second track."""
    if deployment.direct_uploads is None:
        raise Unavailable("other_store", "this worker's LEGATO_STORE is a folder, not the bucket")
    upload = deployment.direct_uploads.find(job.subject)
    reporter.report("receive", 0, 0)
    deployment.direct_uploads.receive(upload, audit.WORKER)
    with deployment.database.write() as session:
        jobs.finish(session, job)
