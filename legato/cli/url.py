"""`legato url`: a signed address to paste into curl or a player."""

from legato.catalog import tracks
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.origin.grants.signing_keys import load_signing_keys
from legato.origin.playback.play import play

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


def signed_url(track_id: str, *, ttl_s: int | None, dialect: str) -> str:
    """The base URL of a track's asset under a new grant, ending in `/audio/{asset_id}/`."""
    if dialect != "path":
        raise BadInput("no_dialect", f"dialect {dialect!r}: expected path")
    deployment = Deployment()
    settings = deployment.settings
    with deployment.database.read() as session:
        track = tracks.find_track(session, track_id)
    keys = load_signing_keys(settings.signing_keys, settings.keys)
    return play(
        track, keys,
        public_url=settings.public_url or DEFAULT_PUBLIC_URL, ttl_s=ttl_s or settings.grant_ttl_s,
    ).base_url  # fmt: skip
