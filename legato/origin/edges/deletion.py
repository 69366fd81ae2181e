"""Deleting a track: it is gone for its tenant, its grants are denied, edges forget its audio."""

import structlog

from legato.catalog import deletion, denials
from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.denials import DenialKind
from legato.deployment import Deployment
from legato.origin.edges.configured import configured_edges
from legato.origin.edges.takedown import forget_unused

log = structlog.get_logger()


def delete_track(deployment: Deployment, track_id: str, by: KeyHolder) -> None:
    """Delete a tenant's track; once more changes nothing.

    Other tracks on the same audio play on. What nothing refers to any more is collected after the
    grace period. Raises NotFound, and BadInput where the edges that are set cannot be read.
    """
    edges = [edge.name for edge in configured_edges(deployment.settings)]
    with deployment.database.write() as session:
        assets = deletion.mark_deleted(session, track_id, by.tenant_id)
        if assets is None:
            return
        forget_unused(session, sorted(assets), edges, newly=True)
        denials.deny_for_good(session, DenialKind.TRACK, track_id)
        audit.record(
            session, tenant_id=by.tenant_id, actor=by.actor, action="track.deleted",
            subject=track_id,
        )  # fmt: skip
    log.info("track_deleted", track=track_id)
