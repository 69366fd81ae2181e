"""Grants of every kind, good and bad: what stands before an address."""

import time
from pathlib import Path
from typing import Final

from legato.catalog import denials
from legato.catalog.denials import DenialKind
from legato.deployment import Deployment
from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import Settings
from tests.http.row import Under

ABSENT: Final = "0" * 64
TAKEN_DOWN: Final = "a" * 64
DAMAGED: Final = "d" * 64
UNREACHABLE: Final = "e" * 64
_TRACK: Final = "0123456789abcdef0123"
_DENIED_TRACK: Final = "d" * 20
_TTL_S: Final = 3600


class Leave:
    """The path of an asset as each kind of request begins it, all signed with these keys."""

    def __init__(self, keys: SigningKeys, asset_id: str) -> None:
        self._keys = keys
        self._asset = asset_id
        self._denied = self._grant()
        token, absent = self._token(self._grant()), self._token(self._grant(ABSENT))
        bare = f"/audio/{asset_id}/"
        self.bases = {
            Under.FULL: f"/t/{token}{bare}",
            Under.FREE: self._base(self._grant(highest_bps=160_000)),
            Under.UNSIGNED: bare,
            Under.UNSIGNED_UPTO: f"/upto/320{bare}",
            Under.UNSIGNED_ABSENT: f"/audio/{ABSENT}/",
            Under.NO_TOKEN: f"/t/x{bare}",
            Under.ALTERED: f"/t/{_altered(token)}{bare}",
            Under.ALTERED_ABSENT: f"/t/{_altered(absent)}/audio/{ABSENT}/",
            Under.FOREIGN: f"/t/{absent}{bare}",
            Under.EXPIRED: self._base(self._grant(ttl_s=-1)),
            Under.BOUND: self._base(self._grant(country="SE")),
            Under.DENIED: self._base(self._denied),
            Under.DENIED_TRACK: self._base(self._grant(track_id=_DENIED_TRACK)),
            Under.TAKEN_DOWN: self._base(self._grant(TAKEN_DOWN)),
            Under.ABSENT: f"/t/{absent}/audio/{ABSENT}/",
            Under.DAMAGED: self._base(self._grant(DAMAGED)),
            Under.UNREACHABLE: self._base(self._grant(UNREACHABLE)),
            Under.NOT_THE_EDGE: f"/t/{token}{bare}",
        }

    def deny(self, data: Path) -> None:
        """Deny what is to be denied, in the catalogue of this data folder."""
        deployment = Deployment(Settings(data=data, _env_file=None))
        with deployment.database.write() as session:
            for kind, subject in (
                (DenialKind.GRANT, self._denied.grant_id),
                (DenialKind.TRACK, _DENIED_TRACK),
                (DenialKind.ASSET, TAKEN_DOWN),
            ):
                denials.deny(session, kind, subject, grant_ttl_s=_TTL_S)
        deployment.database.close()

    def _grant(
        self,
        asset_id: str | None = None,
        *,
        track_id: str = _TRACK,
        highest_bps: int = 320_000,
        ttl_s: int = _TTL_S,
        country: str | None = None,
    ) -> Grant:
        return new_grant(
            track_id=track_id,
            asset_id=asset_id or self._asset,
            expires_at_s=int(time.time()) + ttl_s,
            highest_bps=highest_bps,
            country=country,
        )

    def _token(self, grant: Grant) -> str:
        return write_path_token(grant, self._keys)

    def _base(self, grant: Grant) -> str:
        return f"/t/{self._token(grant)}{grant.path}"


def _altered(token: str) -> str:
    """Another MAC: its first digit, all of whose bits count, is another."""
    before, _, mac = token.rpartition(".")
    return f"{before}.{'B' if mac[0] == 'A' else 'A'}{mac[1:]}"
