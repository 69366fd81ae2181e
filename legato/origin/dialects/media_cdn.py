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
from legato.origin.dialects.base64url import decode, encode_bare
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of
from legato.origin.dialects.dialect import Cookie, SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.dialects.url_prefix import (
    IN_COOKIE,
    IN_QUERY,
    KEY_NAME,
    add_signature,
    check_prefix,
    check_signature,
    write_prefix,
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
    name, _, encoded = setting.partition(":")
    secret = decode(encoded)
    if not re.fullmatch(KEY_NAME, name) or secret is None or len(secret) != _KEY_BYTES:
        raise BadInput(
            "bad_setting",
            "LEGATO_MEDIA_CDN_KEY: expected `keyset:base64url`, a keyset of up to 63 letters, "
            f"digits, '_' and '-', and an Ed25519 private key of {_KEY_BYTES} bytes",
        )
    return MediaCdnKey(key_name=name, private=Ed25519PrivateKey.from_private_bytes(secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCdnQuery:
    """The signed prefix in the query of every URL."""

    key: MediaCdnKey
    name: str = "media-cdn"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        query = write_prefix(self.key, base_url, grant.expires_at_s, IN_QUERY)
        return SignedBase(base_url=base_url, query=query)

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if "URLPrefix=" not in request.query:
            raise no_token()
        check_prefix(self.key, request.query, IN_QUERY, request.url, now_s)


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
class MediaCdnCookies:
    """The signed prefix in a cookie."""

    key: MediaCdnKey
    name: str = "media-cdn-cookies"

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
