"""Every dialect with a key of its own, and a player's request for what one of them has signed."""

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from legato.errors import Forbidden
from legato.origin.dialects.akamai import AkamaiCookies, AkamaiKey, AkamaiQuery
from legato.origin.dialects.bunny import BunnyKey, BunnyPath
from legato.origin.dialects.cloudflare import CloudflareKey, CloudflarePath
from legato.origin.dialects.cloudfront import CloudFrontCookies, CloudFrontKey, CloudFrontQuery
from legato.origin.dialects.dialect import Dialect, SignedBase, SignedRequest
from legato.origin.dialects.google_cdn import GoogleCdnCookies, GoogleCdnKey, GoogleCdnQuery
from legato.origin.dialects.media_cdn import (
    MediaCdnCookies,
    MediaCdnKey,
    MediaCdnPath,
    MediaCdnQuery,
)
from legato.origin.dialects.path_token import PathTokenDialect
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys

ASSET: Final = "d65caa2a7fb1afeb80b74baef17188946473e8478c131db20c2ab727a9b7404c"
EXPIRY_S: Final = 1_795_347_648
PUBLIC_URL: Final = "https://music.example"
CHUNK: Final = "vorbis-160/41.ogg"
GRANT: Final = Grant(
    grant_id="6b02b40066e9a9ff0c1d",
    track_id="588598bbcda44dee6755",
    asset_id=ASSET,
    expires_at_s=EXPIRY_S,
    highest_bps=320_000,
)
ADDRESS: Final = IPv4Address("192.0.2.7")


@cache
def rsa_key() -> CloudFrontKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return CloudFrontKey(key_pair_id="K2JCJMDEHXQW5F", private=private)


@cache
def ecdsa_key() -> CloudFrontKey:
    private = ec.derive_private_key(0x1CED, ec.SECP256R1())
    return CloudFrontKey(key_pair_id="K36X4X2EO997HM", private=private)


@cache
def dialects(seed: int = 0) -> dict[str, Dialect]:
    """By what a test calls them. Another seed: other secrets under the same names."""
    secret = bytes(range(seed, seed + 32))
    google = GoogleCdnKey(key_name="my-key", secret=secret[:16])
    private = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    media = MediaCdnKey(key_name="my-keyset", private=private)
    every: dict[str, Dialect] = {
        dialect.name: dialect
        for dialect in (
            PathTokenDialect(keys=SigningKeys(by_id={"k1": secret})),
            CloudFrontQuery(key=rsa_key()), CloudFrontCookies(key=rsa_key()),
            AkamaiQuery(key=AkamaiKey(secret=secret)), AkamaiCookies(key=AkamaiKey(secret=secret)),
            GoogleCdnQuery(key=google), GoogleCdnCookies(key=google),
            MediaCdnQuery(key=media), MediaCdnPath(key=media), MediaCdnCookies(key=media),
            BunnyPath(key=BunnyKey(secret=secret)),
            CloudflarePath(key=CloudflareKey(secret=secret)),
        )
    }  # fmt: skip
    every["cloudfront, ECDSA"] = CloudFrontQuery(key=ecdsa_key())
    every["cloudfront-cookies, ECDSA"] = CloudFrontCookies(key=ecdsa_key())
    return every


def request_for(base: SignedBase, address: str = CHUNK) -> SignedRequest:
    """What a player sends for a relative address."""
    parts = urlsplit(base.base_url + address)
    return SignedRequest(
        scheme=parts.scheme,
        host=parts.netloc,
        path=parts.path,
        query=base.query,
        cookies={cookie.name: cookie.value for cookie in base.cookies},
    )


def code_of(dialect: Dialect, request: SignedRequest, now_s: float = EXPIRY_S - 1) -> str:
    """Why a request is refused, or 'accepted'."""
    try:
        dialect.verify(request, now_s)
    except Forbidden as error:
        return error.code
    return "accepted"


def signed(dialect: Dialect, **changes: object) -> SignedRequest:
    """A request for a chunk, signed for a grant with these changes."""
    return request_for(dialect.sign(replace(GRANT, **changes), PUBLIC_URL))  # type: ignore[arg-type]
