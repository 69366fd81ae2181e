"""Bunny's advanced token authentication: a directory token, which relative URIs inherit.

`/bcdn_token=HS256-{mac}&token_path={prefix}&expires={expiry}{prefix}…`, where the MAC is
HMAC-SHA256 over prefix, expiry, the listener's packed address where the token is bound to one
(`HS256-1-`), and `token_path={prefix}`, in base64url without padding. (bunny.net documentation,
"Advanced token authentication"; only IPv4 addresses can be bound.)
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final
from urllib.parse import quote, unquote

from legato.errors import BadInput
from legato.origin.dialects.base64url import encode_bare
from legato.origin.dialects.binding import Address, plain_address
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of, root_of
from legato.origin.dialects.dialect import SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.grants.grant import Grant

_FREE: Final = "HS256-"
_BOUND: Final = "HS256-1-"
_KEY = re.compile(r"[!-~]{16,}", re.ASCII)
_SIGNED_PATH = re.compile(
    r"/bcdn_token=(?P<token>HS256-(?P<bound>1-)?[A-Za-z0-9_-]{43})"
    r"&token_path=(?P<prefix>[^&/]+)&expires=(?P<expires>[1-9][0-9]{0,10})(?P<path>/.+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BunnyKey:
    secret: bytes

    def token(self, prefix: str, expires_at_s: int, bound_to: IPv4Address | None = None) -> str:
        """The token of a directory, for anybody or for one address."""
        address = bound_to.packed if bound_to is not None else b""
        signed = f"{prefix}{expires_at_s}".encode() + address + f"token_path={prefix}".encode()
        mac = encode_bare(hmac.digest(self.secret, signed, hashlib.sha256))
        return f"{_BOUND if address else _FREE}{mac}"


def parse_bunny_key(setting: str) -> BunnyKey:
    """Read the key of a pull zone; raises BadInput, which never shows it."""
    if not _KEY.fullmatch(setting):
        raise BadInput(
            "bad_setting",
            "LEGATO_BUNNY_KEY: expected a pull zone's token authentication key, 16 or more "
            "characters without a space",
        )
    return BunnyKey(secret=setting.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class BunnyPath:
    """The token at the beginning of the path."""

    key: BunnyKey
    name: str = "bunny"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        prefix = path_of(public_url) + delivery_path(grant)
        token = self.key.token(prefix, grant.expires_at_s, _ipv4(grant.client_address))
        component = (
            f"bcdn_token={token}&token_path={quote(prefix, safe='')}&expires={grant.expires_at_s}"
        )
        return SignedBase(base_url=f"{root_of(public_url)}/{component}{prefix}")

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if not request.path.startswith("/bcdn_token="):
            raise no_token()
        found = _SIGNED_PATH.fullmatch(request.path)
        if found is None:
            raise bad_token()
        prefix, expires_at_s = unquote(found["prefix"]), int(found["expires"])
        bound_to = _ipv4(request.client_address) if found["bound"] else None
        expected = self.key.token(prefix, expires_at_s, bound_to)
        if not hmac.compare_digest(expected, found["token"]):
            raise bad_token()
        if quote(prefix, safe="") != found["prefix"] or not lies_below(prefix, found["path"]):
            raise bad_token()
        check_expiry(expires_at_s, now_s)


def _ipv4(address: Address | None) -> IPv4Address | None:
    plain = plain_address(address) if address is not None else None
    return plain if isinstance(plain, IPv4Address) else None
