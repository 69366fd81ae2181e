"""`legato deny` and `legato allow`: a grant, or all of a track's so far, good no more or again."""

import re
import time
from typing import Final

from sqlalchemy.orm import Session

from legato.catalog import denials, tracks
from legato.catalog.accounts import audit
from legato.catalog.accounts.audit import COMMAND_LINE
from legato.catalog.denials import DenialKind
from legato.deployment import Deployment
from legato.errors import BadInput, Forbidden, NotFound
from legato.origin.grants.grant import issued_at_s
from legato.settings import MAX_GRANT_TTL_S

# A path token, by itself or in an address (docs/decisions/0007-path-token.md): version, kid,
# expiry, kbit/s, grant, track, and what follows.
_TOKEN = re.compile(
    r"(?:.*/t/)?[12]\.[\w-]+\.[0-9]+\.[0-9]+\.(?P<grant>[0-9a-f]+)\.[0-9a-f]+\.[^/]+(?:/.*)?",
    re.ASCII,
)
# The clock of the machine that made a grant may run ahead of ours.
_CLOCKS_APART_S: Final = 60


def deny_grant(grant: str) -> str:
    """Deny a grant by its id, or by an address or token that holds it; answers its id.

    Raises BadInput `bad_grant_id` for what can be the id of none.
    """
    deployment = Deployment()
    ttl_s = deployment.settings.grant_ttl_s
    with deployment.database.write() as session:
        grant_id = _grant_id(session, grant)
        denials.deny(session, DenialKind.GRANT, grant_id, grant_ttl_s=ttl_s)
        _record(session, "grant.denied", grant_id)
    return grant_id


def deny_track(track_id: str) -> str:
    """Deny every grant of a track that was given out until now; answers the track's id."""
    deployment = Deployment()
    ttl_s = deployment.settings.grant_ttl_s
    with deployment.database.write() as session:
        track = tracks.find_track(session, track_id)
        denials.deny(session, DenialKind.TRACK, track_id, grant_ttl_s=ttl_s)
        _record(session, "track.denied", track_id, track.tenant_id)
    return track_id


def allow_grant(grant: str) -> str:
    """Withdraw the denial of a grant; raises NotFound where there is none."""
    with Deployment().database.write() as session:
        return _withdraw(session, DenialKind.GRANT, _grant_id(session, grant))


def allow_track(track_id: str) -> str:
    """Withdraw the denial of a track's grants.

    Raises NotFound where there is none, Forbidden `taken_down` for a track that is down.
    """
    with Deployment().database.write() as session:
        track = tracks.find_track(session, track_id)
        if track.taken_down_at_ms is not None:
            raise Forbidden(
                "taken_down",
                f"track {track_id}: has been taken down; `legato takedown {track_id} --undo` "
                "restores it",
            )
        return _withdraw(session, DenialKind.TRACK, track_id, track.tenant_id)


def _withdraw(
    session: Session, kind: DenialKind, subject: str, tenant_id: str | None = None
) -> str:
    if not denials.withdraw(session, kind, subject):
        raise NotFound("no_denial", f"{kind} {subject}: found no denial of it")
    _record(session, f"{kind}.allowed", subject, tenant_id)
    return subject


def _record(session: Session, action: str, subject: str, tenant_id: str | None = None) -> None:
    """A grant does not tell whose it is: its entry is nobody's but the operator's."""
    audit.record(session, tenant_id=tenant_id, actor=COMMAND_LINE, action=action, subject=subject)


def _grant_id(session: Session, text: str) -> str:
    """The id of a grant that may be good: an id alone is that of a track or asset as easily."""
    token = _TOKEN.fullmatch(text.strip())
    grant_id = token["grant"] if token else text.strip()
    age_s = time.time() - issued_at_s(grant_id)
    if not -_CLOCKS_APART_S <= age_s <= MAX_GRANT_TTL_S or tracks.find_tracks(session, [grant_id]):
        raise BadInput(
            "bad_grant_id",
            f"{text!r}: expected the id of a grant, 20 hexadecimal digits that begin with the "
            "second it was made in, or an address or token that holds it",
        )
    return grant_id
