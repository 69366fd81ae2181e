"""Google Cloud CDN: a signed URL prefix in the query or in a cookie, HMAC-SHA1.

(Cloud CDN documentation, "Use signed URLs", "Use signed cookies".) Cloud CDN forwards requests
that are not signed at all: the origin has to verify again.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.origin.dialects.base64url import encode_padded
from legato.origin.dialects.url_prefix import PrefixCookies, PrefixQuery, read_named_key

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
    found = read_named_key(setting, _KEY_BYTES)
    if found is None:
        raise BadInput(
            "bad_setting",
            "LEGATO_GOOGLE_CDN_KEY: expected `name:base64url`, a name of up to 63 letters, "
            f"digits, '_' and '-', and a key of {_KEY_BYTES} bytes",
        )
    name, secret = found
    return GoogleCdnKey(key_name=name, secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCdnQuery(PrefixQuery):
    name: str = "google-cdn"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCdnCookies(PrefixCookies):
    name: str = "google-cdn-cookies"
    cookie_name: str = COOKIE_NAME
