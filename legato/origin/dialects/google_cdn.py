"""Google Cloud CDN: a signed URL prefix in the query or in a cookie, HMAC-SHA1.

(Cloud CDN documentation, "Use signed URLs", "Use signed cookies".) Cloud CDN forwards requests
that are not signed at all: the origin has to verify again.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.origin.dialects.base64url import decode, encode_padded
from legato.origin.dialects.delivery_path import delivery_path, path_of
from legato.origin.dialects.dialect import Cookie, SignedBase, SignedRequest
from legato.origin.dialects.refusals import no_token
from legato.origin.dialects.url_prefix import (
    IN_COOKIE,
    IN_QUERY,
    KEY_NAME,
    check_prefix,
    write_prefix,
)
from legato.origin.grants.grant import Grant

COOKIE_NAME: Final = "Cloud-CDN-Cookie"
_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GoogleCdnKey:
    """A signed request key of a backend service or backend bucket."""

    key_name: str
    secret: bytes

    def sign(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode(), hashlib.sha1)

    def encode(self, data: bytes) -> str:
        return encode_padded(data)


def parse_google_cdn_key(setting: str) -> GoogleCdnKey:
    """Read `name:base64url`; raises BadInput, which never shows the key."""
    name, _, encoded = setting.partition(":")
    secret = decode(encoded)
    if not re.fullmatch(KEY_NAME, name) or secret is None or len(secret) != _KEY_BYTES:
        raise BadInput(
            "bad_setting",
            "LEGATO_GOOGLE_CDN_KEY: expected `name:base64url`, a name of up to 63 letters, "
            f"digits, '_' and '-', and a key of {_KEY_BYTES} bytes",
        )
    return GoogleCdnKey(key_name=name, secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCdnQuery:
    """The signed prefix in the query of every URL."""

    key: GoogleCdnKey
    name: str = "google-cdn"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        query = write_prefix(self.key, base_url, grant.expires_at_s, IN_QUERY)
        return SignedBase(base_url=base_url, query=query)

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if "URLPrefix=" not in request.query:
            raise no_token()
        check_prefix(self.key, request.query, IN_QUERY, request.url, now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCdnCookies:
    """The signed prefix in a cookie."""

    key: GoogleCdnKey
    name: str = "google-cdn-cookies"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        value = write_prefix(self.key, base_url, grant.expires_at_s, IN_COOKIE)
        cookie = Cookie(name=COOKIE_NAME, value=value, path=path_of(base_url))
        return SignedBase(base_url=base_url, cookies=(cookie,))

    def verify(self, request: SignedRequest, now_s: float) -> None:
        value = request.cookies.get(COOKIE_NAME)
        if value is None:
            raise no_token()
        check_prefix(self.key, value, IN_COOKIE, request.url, now_s)
