"""Google's signed URL prefix: `URLPrefix=…&Expires=…&KeyName=…&Signature=…`.

Cloud CDN and Media CDN share it, and differ in the signature and in base64's padding. In a query
the fields are joined with `&`, in a cookie with `:`; all before the signature is signed.
"""

import hmac
import re
from dataclasses import dataclass
from typing import Final, Protocol

from legato.origin.dialects.base64url import decode
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of
from legato.origin.dialects.dialect import Cookie, SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token
from legato.origin.grants.grant import Grant

IN_QUERY: Final = "&"
IN_COOKIE: Final = ":"
KEY_NAME: Final = r"[A-Za-z0-9_-]{1,63}"


class PrefixKey(Protocol):
    """A key that signs the same text always the same way."""

    @property
    def key_name(self) -> str: ...

    def sign(self, text: str) -> bytes: ...

    def encode(self, data: bytes) -> str:
        """The vendor's base64url: padded, or bare."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixQuery:
    """The signed prefix in the query of every URL."""

    key: PrefixKey
    name: str

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        query = write_prefix(self.key, base_url, grant.expires_at_s, IN_QUERY)
        return SignedBase(base_url=base_url, query=query)

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if "URLPrefix=" not in request.query:
            raise no_token()
        check_prefix(self.key, request.query, IN_QUERY, request.url, now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixCookies:
    """The signed prefix in a cookie."""

    key: PrefixKey
    name: str
    cookie_name: str

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        value = write_prefix(self.key, base_url, grant.expires_at_s, IN_COOKIE)
        cookie = Cookie(name=self.cookie_name, value=value, path=path_of(base_url))
        return SignedBase(base_url=base_url, cookies=(cookie,))

    def verify(self, request: SignedRequest, now_s: float) -> None:
        value = request.cookies.get(self.cookie_name)
        if value is None:
            raise no_token()
        check_prefix(self.key, value, IN_COOKIE, request.url, now_s)


def read_named_key(setting: str, size_bytes: int) -> tuple[str, bytes] | None:
    """Name and secret of `name:base64url`; None where it is none, or of another size."""
    name, _, encoded = setting.partition(":")
    secret = decode(encoded)
    if not re.fullmatch(KEY_NAME, name) or secret is None or len(secret) != size_bytes:
        return None
    return name, secret


def write_prefix(key: PrefixKey, prefix: str, expires_at_s: int, joint: str) -> str:
    """The signed grant of every URL that begins with `prefix` (scheme, host and path)."""
    fields = (
        f"URLPrefix={key.encode(prefix.encode())}",
        f"Expires={expires_at_s}",
        f"KeyName={key.key_name}",
    )
    return add_signature(key, joint.join(fields), joint)


def add_signature(key: PrefixKey, text: str, joint: str) -> str:
    return f"{text}{joint}Signature={key.encode(key.sign(text))}"


def check_prefix(key: PrefixKey, text: str, joint: str, url: str, now_s: float) -> None:
    """Raises Forbidden `bad_token` or `expired_token`."""
    found = _FIELDS[joint].fullmatch(text)
    prefix = decode(found["prefix"]) if found is not None else None
    if found is None or prefix is None:
        raise bad_token()
    check_signature(key, text, joint)
    if not lies_below(prefix.decode(errors="replace"), url):
        raise bad_token()
    check_expiry(int(found["expires"]), now_s)


def check_signature(key: PrefixKey, text: str, joint: str) -> None:
    """Raises Forbidden `bad_token` unless ASCII `text` ends in the signature of what is before.

    Both vendors' signatures are deterministic (RFC 8032 §5.1.6): signing again tells, to the bit.
    """
    signed = text.rpartition(f"{joint}Signature=")[0]
    expected = add_signature(key, signed, joint)
    if not hmac.compare_digest(expected, text):
        raise bad_token()


_FIELDS: Final = {
    joint: re.compile(
        joint.join(
            (
                r"URLPrefix=(?P<prefix>[A-Za-z0-9_=-]+)", r"Expires=(?P<expires>[0-9]{1,11})",
                rf"KeyName={KEY_NAME}", r"Signature=[A-Za-z0-9_=-]+",
            )
        ),
        re.ASCII,
    )
    for joint in (IN_QUERY, IN_COOKIE)
}  # fmt: skip
