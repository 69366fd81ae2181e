"""Google Media CDN: a prefix signed with Ed25519, in the query, in the path or in a cookie.

(Media CDN documentation, "Generate signatures".) The path component stands between the prefix and
the rest, `…/audio/{asset}/edge-cache-token=Expires=…&KeyName=…&Signature=…/…`, so that relative
URIs inherit it; what is signed there is the URL up to the signature.
"""

import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from legato.errors import BadInput
from legato.origin.dialects.base64url import encode_bare
from legato.origin.dialects.delivery_path import delivery_path, lies_below
from legato.origin.dialects.dialect import SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.dialects.url_prefix import (
    IN_QUERY,
    KEY_NAME,
    PrefixCookies,
    PrefixQuery,
    add_signature,
    check_signature,
    read_named_key,
)
from legato.origin.grants.grant import Grant

COOKIE_NAME: Final = "Edge-Cache-Cookie"
_COMPONENT: Final = "/edge-cache-token="
_KEY_BYTES: Final = 32
_SIGNED_URL = re.compile(
    rf"(?P<token>[!->@-~]+{_COMPONENT}Expires=(?P<expires>[0-9]{{1,11}})&KeyName={KEY_NAME}"
    r"&Signature=[A-Za-z0-9_-]+)/.+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MediaCdnKey:
    """The private half of a public key that stands in a keyset."""

    key_name: str
    private: Ed25519PrivateKey

    def sign(self, text: str) -> bytes:
        return self.private.sign(text.encode())

    def encode(self, data: bytes) -> str:
        return encode_bare(data)


def parse_media_cdn_key(setting: str) -> MediaCdnKey:
    """Read `keyset:base64url`; raises BadInput, which never shows the key."""
    found = read_named_key(setting, _KEY_BYTES)
    if found is None:
        raise BadInput(
            "bad_setting",
            "LEGATO_MEDIA_CDN_KEY: expected `keyset:base64url`, a keyset of up to 63 letters, "
            f"digits, '_' and '-', and an Ed25519 private key of {_KEY_BYTES} bytes",
        )
    name, secret = found
    return MediaCdnKey(key_name=name, private=Ed25519PrivateKey.from_private_bytes(secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCdnQuery(PrefixQuery):
    name: str = "media-cdn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCdnPath:
    """The signature in the path, after the prefix that it signs."""

    key: MediaCdnKey
    name: str = "media-cdn-path"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        prefix = (public_url + delivery_path(grant)).removesuffix("/")
        text = f"{prefix}{_COMPONENT}Expires={grant.expires_at_s}&KeyName={self.key.key_name}"
        return SignedBase(base_url=f"{add_signature(self.key, text, IN_QUERY)}/")

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if _COMPONENT not in request.path:
            raise no_token()
        found = _SIGNED_URL.fullmatch(request.url)
        if found is None or not lies_below(f"{found['token']}/", request.url):
            raise bad_token()
        check_signature(self.key, found["token"], IN_QUERY)
        check_expiry(int(found["expires"]), now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCdnCookies(PrefixCookies):
    name: str = "media-cdn-cookies"
    cookie_name: str = COOKIE_NAME
