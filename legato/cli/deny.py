"""`legato deny` and `legato allow`: a grant, or all of a track's so far, good no more or again."""

import re

from legato.catalog import denials, tracks
from legato.catalog.denials import DenialKind
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound

# In a path token the grant's id stands before the track's.
_GRANT_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{20}(?![0-9a-f])", re.ASCII)


def deny_grant(grant: str) -> str:
    """Deny a grant by its id, or by an address or token that holds it; answers its id."""
    deployment = Deployment()
    grant_id = _grant_id(grant)
    ttl_s = deployment.settings.grant_ttl_s
    with deployment.database.write() as session:
        denials.deny(session, DenialKind.GRANT, grant_id, grant_ttl_s=ttl_s)
    return grant_id


def deny_track(track_id: str) -> str:
    """Deny every grant of a track that was given out until now; answers the track's id."""
    deployment = Deployment()
    ttl_s = deployment.settings.grant_ttl_s
    with deployment.database.write() as session:
        tracks.find_track(session, track_id)
        denials.deny(session, DenialKind.TRACK, track_id, grant_ttl_s=ttl_s)
    return track_id


def allow_grant(grant: str) -> str:
    """Withdraw the denial of a grant; raises NotFound where there is none."""
    return _allow(DenialKind.GRANT, _grant_id(grant))


def allow_track(track_id: str) -> str:
    """Withdraw the denial of a track's grants; raises NotFound where there is none."""
    return _allow(DenialKind.TRACK, track_id)


def _allow(kind: DenialKind, subject: str) -> str:
    with Deployment().database.write() as session:
        if not denials.withdraw(session, kind, subject):
            raise NotFound("no_denial", f"{kind} {subject}: found no denial of it")
    return subject


def _grant_id(text: str) -> str:
    found = _GRANT_ID.search(text)
    if found is None:
        raise BadInput(
            "bad_grant_id", f"{text!r}: expected the 20 hexadecimal digits of a grant, or its URL"
        )
    return found[0]
