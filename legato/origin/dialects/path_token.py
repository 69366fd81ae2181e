"""The path token: a grant as a path segment, which every relative URI inherits.

    /t/1.{key id}.{expiry}.{kbit/s}.{grant}.{track}.{mac}/audio/{asset}/…
    /t/2.{key id}.{expiry}.{kbit/s}.{grant}.{track}.{address}.{country}.{mac}/audio/{asset}/…

The second carries what binds a grant to a listener: the address, packed, in 8 or 32 hexadecimal
digits, and the country in two capitals; one of them may be empty. The MAC is HMAC-SHA256
(RFC 2104) over all of the token before its last dot, followed by the path prefix
`/audio/{asset}/`, in base64url without padding (RFC 4648 §5).
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Final

from legato.origin.dialects.base64url import encode_bare
from legato.origin.dialects.binding import Address, check_binding, plain_address
from legato.origin.dialects.delivery_path import ADDRESS
from legato.origin.dialects.dialect import SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys

# As many listeners as one process serves at a time, by far; some 700 bytes each.
_REMEMBERED: Final = 65_536
_CLAIMS = (
    r"(?P<key_id>[A-Za-z0-9_-]{1,32})\.(?P<expires>[1-9][0-9]{0,10})\."
    r"(?P<kbps>[1-9][0-9]{0,4})\.(?P<grant>[0-9a-f]{1,32})\.(?P<track>[0-9a-f]{1,32})\."
)
_BINDING = r"(?!\.\.)(?P<address>(?:[0-9a-f]{8}|[0-9a-f]{32})?)\.(?P<country>(?:[A-Z]{2})?)\."
_MAC = r"(?P<mac>[A-Za-z0-9_-]{43})"
_SHAPES: Final = {
    "1.": re.compile(rf"1\.{_CLAIMS}{_MAC}", re.ASCII),
    "2.": re.compile(rf"2\.{_CLAIMS}{_BINDING}{_MAC}", re.ASCII),
}
_SIGNED_PATH = re.compile(rf"/t/([^/]+)/audio/([0-9a-f]{{64}})/{ADDRESS}", re.ASCII)


def write_path_token(grant: Grant, keys: SigningKeys) -> str:
    """The token of a grant, signed with the newest key."""
    key_id, secret = keys.newest
    claims = (
        f"{key_id}.{grant.expires_at_s}.{grant.highest_bps // 1000}"
        f".{grant.grant_id}.{grant.track_id}"
    )
    bound = grant.client_address is not None or grant.country is not None
    claims = f"2.{claims}.{_binding(grant)}" if bound else f"1.{claims}"
    return f"{claims}.{_mac(secret, claims, grant.asset_id)}"


def read_path_token(token: str, asset_id: str, keys: SigningKeys) -> Grant:
    """The grant that was written as this token; raises Forbidden `bad_token`.

    Whether it has expired, and whose it is, is for the caller to ask.
    """
    shape = _SHAPES.get(token[:2])
    claims = shape.fullmatch(token) if shape is not None else None
    secret = keys.by_id.get(claims["key_id"]) if claims is not None else None
    if claims is None or secret is None:
        raise bad_token()
    expected = _mac(secret, token[: claims.start("mac") - 1], asset_id)
    # Compared as text: base64 of the same bytes with other unused bits is another token.
    if not hmac.compare_digest(expected, claims["mac"]):
        raise bad_token()
    found = claims.groupdict()
    return Grant(
        grant_id=found["grant"],
        track_id=found["track"],
        asset_id=asset_id,
        expires_at_s=int(found["expires"]),
        highest_bps=int(found["kbps"]) * 1000,
        client_address=_address(found.get("address")),
        country=found.get("country") or None,
    )


class PathTokenVerifier:
    """Reads tokens back into grants; what has been verified once is remembered."""

    def __init__(self, keys: SigningKeys, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._read = _remembering(keys)

    def verify(self, token: str, asset_id: str) -> Grant:
        """The grant of a token for this asset; raises Forbidden `bad_token`, `expired_token`.

        Whose it is, `check_binding` says.
        """
        grant = self._read(token, asset_id)
        check_expiry(grant.expires_at_s, self._clock())
        return grant

    def replace_keys(self, keys: SigningKeys) -> None:
        """From now on these keys are good and no others; nothing older is remembered."""
        self._read = _remembering(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTokenDialect:
    """Our own dialect, which our edges and the origin verify."""

    keys: SigningKeys
    name: str = "path"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        token = write_path_token(grant, self.keys)
        return SignedBase(base_url=f"{public_url}/t/{token}{grant.path}")

    def verify(self, request: SignedRequest, now_s: float) -> None:
        found = _SIGNED_PATH.fullmatch(request.path)
        if found is None:
            raise no_token()
        grant = read_path_token(found[1], found[2], self.keys)
        check_expiry(grant.expires_at_s, now_s)
        check_binding(grant, request.client_address, request.country)


def _remembering(keys: SigningKeys) -> Callable[[str, str], Grant]:
    """A memory of its own for each set of keys: no thread can add to it what others verified."""
    return lru_cache(maxsize=_REMEMBERED)(partial(read_path_token, keys=keys))


def _binding(grant: Grant) -> str:
    address = grant.client_address
    packed = plain_address(address).packed.hex() if address is not None else ""
    return f"{packed}.{grant.country or ''}"


def _address(packed: str | None) -> Address | None:
    return ip_address(bytes.fromhex(packed)) if packed else None


def _mac(secret: bytes, claims: str, asset_id: str) -> str:
    signed = f"{claims}/audio/{asset_id}/".encode()
    return encode_bare(hmac.digest(secret, signed, hashlib.sha256))
