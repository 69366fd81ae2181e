"""Tracks whose masters are files of ours; no worker has seen them."""

from pathlib import Path

from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from legato.ingest.submission import Submission
from tests.tenants import made_tenant


def enter(deployment: Deployment, master: Path, tenant: str = "local") -> str:
    """Take a copy of a master in; answers the track's id."""
    with deployment.database.write() as session:
        tenant_id = made_tenant(session, tenant)
    submission = Submission(
        tenant_id=tenant_id, metadata=Metadata(title="Study", artist="House"), file_name=master.name
    )
    with master.open("rb") as source, deployment.intake.spool(source) as spooled:
        return deployment.intake.take(spooled, submission)
