"""Cloudflare, by two rules and no Worker: a MAC in the path, verified by a WAF custom rule.

`/v/{time}-{mac}{prefix}…`, where the MAC is what `is_timed_hmac_valid_v0` verifies: HMAC-SHA256
over the prefix and the time, in base64url without padding (its flag `s`). The function takes its
message from anywhere, so a rule hands it `concat` of two `substring`s of the path: all prefixes of
one bitrate are equally long. A URL rewrite strips the first two segments. Both rules stand in
docs/dialects.md. (Cloudflare Rules language, "Functions", "HMAC validation".)
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.origin.dialects.base64url import encode_bare
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of, root_of
from legato.origin.dialects.dialect import SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.grants.grant import Grant
from legato.settings import MAX_GRANT_TTL_S

# The rule states one lifetime for all, from the time in the URL on. So the time in the URL is the
# expiry less the longest there can be: in the past always, and every grant ends when it should.
LIFETIME_S: Final = MAX_GRANT_TTL_S
# A string literal of the Rules language, without anything that has to be escaped in one.
_KEY = re.compile(r"[!#-\[\]-~]{16,}", re.ASCII)
_SIGNED_PATH = re.compile(
    r"/v/(?P<token>(?P<time>[0-9]{10})-[A-Za-z0-9_-]{43})"
    r"(?P<prefix>(?:/[A-Za-z0-9_.-]+)*?(?:/upto/[1-9][0-9]{0,4})?/audio/[0-9a-f]{64}/).+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CloudflareKey:
    secret: bytes

    def token(self, prefix: str, time_s: int) -> str:
        signed = f"{prefix}{time_s:010d}".encode()
        mac = encode_bare(hmac.digest(self.secret, signed, hashlib.sha256))
        return f"{time_s:010d}-{mac}"


def parse_cloudflare_key(setting: str) -> CloudflareKey:
    """Read the secret of the rule; raises BadInput, which never shows it."""
    if not _KEY.fullmatch(setting):
        raise BadInput(
            "bad_setting",
            "LEGATO_CLOUDFLARE_KEY: expected 16 or more characters without a space, a quotation "
            "mark or a backslash",
        )
    return CloudflareKey(secret=setting.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudflarePath:
    """The MAC at the beginning of the path."""

    key: CloudflareKey
    name: str = "cloudflare"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        prefix = path_of(public_url) + delivery_path(grant)
        token = self.key.token(prefix, grant.expires_at_s - LIFETIME_S)
        return SignedBase(base_url=f"{root_of(public_url)}/v/{token}{prefix}")

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if not request.path.startswith("/v/"):
            raise no_token()
        found = _SIGNED_PATH.fullmatch(request.path)
        if found is None:
            raise bad_token()
        expected = self.key.token(found["prefix"], int(found["time"]))
        if not hmac.compare_digest(expected, found["token"]):
            raise bad_token()
        if not lies_below(f"/v/{found['token']}{found['prefix']}", request.path):
            raise bad_token()
        check_expiry(int(found["time"]) + LIFETIME_S, now_s)
