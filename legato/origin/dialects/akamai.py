"""Akamai EdgeAuth, token 2.0: `exp=…~acl={prefix}*~hmac=…`, HMAC-SHA256 over all before `~hmac`.

The fields of a token are joined with `~` and an ACL is written unescaped, as Akamai's own
generator does without `escape_early`. A start time (`st`) is understood but never written: a
clock that is a second ahead of the edge's would refuse a listener's first request.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of
from legato.origin.dialects.dialect import Cookie, SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.grants.grant import Grant

QUERY_FIELD: Final = "hdnts"
COOKIE_NAME: Final = "hdnea"
_KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){16,64}", re.ASCII)
_TOKEN = re.compile(
    r"(?P<signed>(?:st=(?P<start>[0-9]{1,11})~)?exp=(?P<expires>[0-9]{1,11})~acl=(?P<acl>[A-Za-z0-9/._-]+)\*)"
    r"~hmac=(?P<hmac>[0-9a-f]{64})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AkamaiKey:
    secret: bytes


def parse_akamai_key(setting: str) -> AkamaiKey:
    """Read the key, in hexadecimal; raises BadInput, which never shows it."""
    if not _KEY.fullmatch(setting):
        raise BadInput(
            "bad_setting", "LEGATO_AKAMAI_KEY: expected an even number of 32 to 128 hex digits"
        )
    return AkamaiKey(secret=bytes.fromhex(setting))


@dataclass(frozen=True, slots=True, kw_only=True)
class AkamaiQuery:
    """The token in the query of every URL."""

    key: AkamaiKey
    name: str = "akamai"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        token = write_edge_token(self.key, path_of(base_url), grant.expires_at_s)
        return SignedBase(base_url=base_url, query=f"{QUERY_FIELD}={token}")

    def verify(self, request: SignedRequest, now_s: float) -> None:
        field, _, token = request.query.partition("=")
        if field != QUERY_FIELD:
            raise no_token()
        check_edge_token(self.key, token, request.path, now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class AkamaiCookies:
    """The token in a cookie."""

    key: AkamaiKey
    name: str = "akamai-cookies"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        path = path_of(base_url)
        token = write_edge_token(self.key, path, grant.expires_at_s)
        cookie = Cookie(name=COOKIE_NAME, value=token, path=path)
        return SignedBase(base_url=base_url, cookies=(cookie,))

    def verify(self, request: SignedRequest, now_s: float) -> None:
        token = request.cookies.get(COOKIE_NAME)
        if token is None:
            raise no_token()
        check_edge_token(self.key, token, request.path, now_s)


def write_edge_token(key: AkamaiKey, prefix: str, expires_at_s: int) -> str:
    """The token for every path that begins with `prefix`."""
    signed = f"exp={expires_at_s}~acl={prefix}*"
    return f"{signed}~hmac={_mac(key, signed)}"


def check_edge_token(key: AkamaiKey, token: str, path: str, now_s: float) -> None:
    """Raises Forbidden `bad_token` or `expired_token`."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(_mac(key, found["signed"]), found["hmac"]):
        raise bad_token()
    if not lies_below(found["acl"], path) or now_s < int(found["start"] or 0):
        raise bad_token()
    check_expiry(int(found["expires"]), now_s)


def _mac(key: AkamaiKey, signed: str) -> str:
    return hmac.digest(key.secret, signed.encode(), hashlib.sha256).hex()
