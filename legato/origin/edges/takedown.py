"""Taking a track down: nobody may play it, its grants are denied, and edges forget its audio."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from legato.catalog import denials, purges, takedowns, tracks
from legato.catalog.accounts import audit
from legato.catalog.accounts.audit import COMMAND_LINE
from legato.catalog.denials import DenialKind
from legato.catalog.tracks import Track
from legato.deployment import Deployment
from legato.origin.edges.configured import configured_edges
from legato.origin.grants.watch import IN_FORCE_S

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What was done; `purged_asset` is what edges have to forget, if no live track uses it."""

    track: Track
    purged_asset: str | None


def take_down(
    deployment: Deployment,
    track_id: str,
    reason: str,
    tenant_id: str | None = None,
    actor: str = COMMAND_LINE,
) -> Takedown:
    """Mark a track, deny what was granted of it, and enter what edges have to forget.

    All of that or nothing; once more changes nothing but that edges which were configured since
    are asked too. For as long as the track is down, every grant of it is denied, whenever it was
    made. Edges are asked once every origin denies the asset, so that none can fetch it anew.
    `tenant_id`: of this tenant, or of any. Raises NotFound, and BadInput where the edges that are
    set cannot be read, or the reason cannot be kept.
    """
    edges = [edge.name for edge in configured_edges(deployment.settings)]
    with deployment.database.write() as session:
        tracks.find_track(session, track_id, tenant_id)
        newly = takedowns.mark_taken_down(session, track_id, reason)
        session.expire_all()
        track = tracks.find_track(session, track_id)
        purged = forget_unused(session, takedowns.assets_of(session, track_id), edges, newly=newly)
        denials.deny_for_good(session, DenialKind.TRACK, track_id)
        if newly:
            _record(session, track, "track.taken_down", actor)
    if newly:
        log.info(
            "track_taken_down", track=track_id, asset=track.asset_id, reason=reason,
            purge=track.asset_id in purged,
        )  # fmt: skip
    return Takedown(track=track, purged_asset=track.asset_id if track.asset_id in purged else None)


def restore(
    deployment: Deployment, track_id: str, tenant_id: str | None = None, actor: str = COMMAND_LINE
) -> Track:
    """Let a track that was taken down be played again; once more is a no-op.

    What was granted before stays denied: a player asks for `play` again. Edges that have not
    been purged yet are left alone. Raises NotFound.
    """
    with deployment.database.write() as session:
        tracks.find_track(session, track_id, tenant_id)
        restored = takedowns.mark_restored(session, track_id)
        session.expire_all()
        track = tracks.find_track(session, track_id)
        if restored:
            denials.deny_until_now(session, DenialKind.TRACK, track_id)
            _record(session, track, "track.restored", actor)
            for asset_id in takedowns.assets_of(session, track_id):
                denials.withdraw(session, DenialKind.ASSET, asset_id)
                purges.forget(session, asset_id)
    if restored:
        log.info("track_restored", track=track_id, asset=track.asset_id)
    return track


def _record(session: Session, track: Track, action: str, actor: str) -> None:
    details = {"reason": track.takedown_reason} if track.takedown_reason else {}
    audit.record(
        session, tenant_id=track.tenant_id, actor=actor, action=action, subject=track.track_id,
        details=details,
    )  # fmt: skip


def forget_unused(
    session: Session, assets: Iterable[str], edges: Sequence[str], *, newly: bool
) -> list[str]:
    """Deny those of these assets that no live track uses, and let edges forget them.

    Asked after the change that may have made it so; answers which.
    """
    unused = [asset_id for asset_id in assets if not takedowns.live_tracks(session, asset_id)]
    for asset_id in unused:
        if newly:  # what was purged at an earlier takedown may have been fetched since
            purges.forget(session, asset_id)
        purges.enter(session, asset_id, edges, delay_s=IN_FORCE_S)
        denials.deny_for_good(session, DenialKind.ASSET, asset_id)
    return unused
