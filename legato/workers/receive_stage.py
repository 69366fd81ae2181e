"""The stage that makes a track of an upload which went straight to the store."""

from legato.catalog import jobs
from legato.catalog.accounts import audit
from legato.catalog.jobs import Job, JobKind
from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.workers.progress import Reporter


def receive_upload(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Read the upload once, and take it in as a master; done twice, it makes no second track."""
    direct = deployment.direct_uploads
    if direct is None:
        raise Unavailable("other_store", "this worker's LEGATO_STORE is a folder, not the bucket")
    upload = direct.find(job.subject)
    total = upload.size_bytes
    direct.receive(upload, audit.WORKER, lambda done: reporter.report("receive", done, total))
    with deployment.database.write() as session:
        jobs.finish(session, job)
        jobs.forget(session, JobKind.RECEIVE, [job.subject])
