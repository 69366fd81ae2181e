"""Taking a track down: nobody may play it, its grants are denied, and edges forget its audio."""

from dataclasses import dataclass
from typing import Final

import structlog

from legato.catalog import denials, purges, tracks
from legato.catalog.denials import DenialKind
from legato.catalog.tracks import Track
from legato.deployment import Deployment
from legato.origin.edges.configured import configured_edges
from legato.origin.grants.watch import IN_FORCE_S

# A `play` that had read the track before it was marked may sign its grant this much later.
_STRAGGLERS_S: Final = 5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What was done; `purged_asset` is what edges have to forget, if no live track uses it."""

    track: Track
    purged_asset: str | None


def take_down(
    deployment: Deployment, track_id: str, reason: str, tenant_id: str | None = None
) -> Takedown:
    """Mark a track, deny what was granted of it, and enter what edges have to forget.

    All of that or nothing; once more changes nothing but that edges which were configured since
    are asked too. Edges are asked once every origin denies the asset, so that none can fetch it
    anew. `tenant_id`: of this tenant, or of any. Raises NotFound, and BadInput where the edges
    that are set cannot be read.
    """
    edges = [edge.name for edge in configured_edges(deployment.settings)]
    ttl_s = deployment.settings.grant_ttl_s
    with deployment.database.write() as session:
        tracks.find_track(session, track_id, tenant_id)
        newly = tracks.mark_taken_down(session, track_id, reason)
        session.expire_all()
        track = tracks.find_track(session, track_id)
        asset_id = track.asset_id
        purge = asset_id is not None and not tracks.live_tracks_of_asset(session, asset_id)
        if newly:
            denials.deny(
                session, DenialKind.TRACK, track_id, grant_ttl_s=ttl_s, margin_s=_STRAGGLERS_S
            )
        if asset_id is not None and purge:
            if newly:
                purges.forget(session, asset_id)
                denials.deny(session, DenialKind.ASSET, asset_id, grant_ttl_s=ttl_s)
            purges.enter(session, asset_id, edges, delay_s=IN_FORCE_S)
    if newly:
        log.info("track_taken_down", track=track_id, asset=asset_id, reason=reason, purge=purge)
    return Takedown(track=track, purged_asset=asset_id if purge else None)


def restore(deployment: Deployment, track_id: str, tenant_id: str | None = None) -> Track:
    """Let a track that was taken down be played again; once more is a no-op.

    What was granted before stays denied: a player asks for `play` again. Edges that have not
    been purged yet are left alone. Raises NotFound.
    """
    with deployment.database.write() as session:
        tracks.find_track(session, track_id, tenant_id)
        restored = tracks.mark_restored(session, track_id)
        session.expire_all()
        track = tracks.find_track(session, track_id)
        if restored:  # until now, and not a little longer as for stragglers
            denials.deny(
                session, DenialKind.TRACK, track_id, grant_ttl_s=deployment.settings.grant_ttl_s
            )
        if restored and track.asset_id is not None:
            denials.withdraw(session, DenialKind.ASSET, track.asset_id)
            purges.forget(session, track.asset_id)
    if restored:
        log.info("track_restored", track=track_id, asset=track.asset_id)
    return track
