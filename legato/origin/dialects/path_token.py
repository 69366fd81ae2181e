"""The path token: a grant as a path segment, which every relative URI inherits.

`/t/1.{key id}.{expiry}.{kbit/s}.{grant}.{track}.{mac}/audio/{asset}/…`, where the MAC is
HMAC-SHA256 (RFC 2104) over all of the token before its last dot, followed by the path prefix
`/audio/{asset}/`, in base64url without padding (RFC 4648 §5).
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from legato.errors import Forbidden
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys

VERSION: Final = "1"
# As many listeners as one process serves at a time, by far; 400 bytes each.
_REMEMBERED: Final = 65_536
_TOKEN = re.compile(
    r"1\.(?P<key_id>[A-Za-z0-9_-]{1,32})\.(?P<expires>[1-9][0-9]{0,10})\."
    r"(?P<kbps>[1-9][0-9]{0,4})\.(?P<grant>[0-9a-f]{1,32})\.(?P<track>[0-9a-f]{1,32})\."
    r"(?P<mac>[A-Za-z0-9_-]{43})",
    re.ASCII,
)


def write_path_token(grant: Grant, keys: SigningKeys) -> str:
    """The token of a grant, signed with the newest key."""
    key_id, secret = keys.newest
    claims = (
        f"{VERSION}.{key_id}.{grant.expires_at_s}.{grant.highest_bps // 1000}"
        f".{grant.grant_id}.{grant.track_id}"
    )
    return f"{claims}.{_mac(secret, claims, grant.asset_id)}"


class PathTokenVerifier:
    """Reads tokens back into grants; what has been verified once is remembered."""

    def __init__(self, keys: SigningKeys, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._clock = clock
        self._verify = lru_cache(maxsize=_REMEMBERED)(self._verify_signature)

    def verify(self, token: str, asset_id: str) -> Grant:
        """The grant of a token for this asset; raises Forbidden `bad_token`, `expired_token`."""
        grant = self._verify(token, asset_id)
        if self._clock() >= grant.expires_at_s:
            raise Forbidden("expired_token", "this address has expired: ask for `play` again")
        return grant

    def _verify_signature(self, token: str, asset_id: str) -> Grant:
        claims = _TOKEN.fullmatch(token)
        secret = self._keys.by_id.get(claims["key_id"]) if claims is not None else None
        if claims is None or secret is None:
            raise _bad_token()
        expected = _mac(secret, token[: claims.start("mac") - 1], asset_id)
        if not hmac.compare_digest(expected, claims["mac"]):
            raise _bad_token()
        return Grant(
            grant_id=claims["grant"],
            track_id=claims["track"],
            asset_id=asset_id,
            expires_at_s=int(claims["expires"]),
            highest_bps=int(claims["kbps"]) * 1000,
        )


def _mac(secret: bytes, claims: str, asset_id: str) -> str:
    signed = f"{claims}/audio/{asset_id}/".encode()
    digest = hmac.digest(secret, signed, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _bad_token() -> Forbidden:
    return Forbidden("bad_token", "this address is not signed by us for what it asks for")
