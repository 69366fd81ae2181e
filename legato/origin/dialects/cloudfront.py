"""Amazon CloudFront: signed URLs and signed cookies, by an RSA or an ECDSA key.

A *custom policy* grants a path prefix by a wildcard; a *canned policy* grants one URL. CloudFront
hashes with SHA-1 unless `Hash-Algorithm=SHA256` is said (since April 2026). An RSA key signs with
SHA-1, as every signer of Amazon's does; an ECDSA key with SHA-256.
(Developer Guide, "Create a signed URL using a custom policy", "Set signed cookies …".)
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from legato.errors import BadInput
from legato.origin.dialects.binding import Address, plain_address
from legato.origin.dialects.delivery_path import delivery_path, lies_below, path_of
from legato.origin.dialects.dialect import Cookie, SignedBase, SignedRequest
from legato.origin.dialects.refusals import bad_token, check_expiry, no_token, wrong_listener
from legato.origin.grants.grant import Grant

_RSA_BITS: Final = 2048
_COOKIE: Final = "CloudFront-"
_HASHES: Final = {"": SHA1(), "SHA256": SHA256()}  # noqa: S303 - CloudFront's default
_QUERY = re.compile(
    r"(?:Policy=(?P<Policy>[^&]+)|Expires=(?P<Expires>[0-9]{1,11}))&Signature=(?P<Signature>[^&]+)"
    r"&Key-Pair-Id=(?P<id>[^&]+)(?:&Hash-Algorithm=(?P<hash>[^&]+))?",
    re.ASCII,
)
# What `_policy` writes, and nothing that another user of the same key may have signed.
_POLICY = re.compile(
    r'\{"Statement":\[\{"Resource":"(?P<resource>[^"\\*?]+)(?P<below>\*)?","Condition":'
    r'\{"DateLessThan":\{"AWS:EpochTime":(?P<expires>[0-9]{1,11})\}'
    r'(?:,"IpAddress":\{"AWS:SourceIp":"(?P<source>[0-9./]+)"\})?\}\}\]\}',
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CloudFrontKey:
    """The private half of a public key that stands in a CloudFront key group."""

    key_pair_id: str
    private: RSAPrivateKey | EllipticCurvePrivateKey

    @property
    def hash_name(self) -> str:
        return "" if isinstance(self.private, RSAPrivateKey) else "SHA256"

    def sign(self, policy: bytes) -> bytes:
        algorithm = _HASHES[self.hash_name]
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(policy, PKCS1v15(), algorithm)
        return self.private.sign(policy, ECDSA(algorithm))

    def check(self, policy: bytes, signature: bytes, hash_name: str) -> None:
        """Raises Forbidden `bad_token` unless this key has signed this policy."""
        algorithm = _HASHES.get(hash_name)
        if algorithm is None:
            raise bad_token()
        try:
            if isinstance(self.private, RSAPrivateKey):
                self.private.public_key().verify(signature, policy, PKCS1v15(), algorithm)
            else:
                self.private.public_key().verify(signature, policy, ECDSA(algorithm))
        except InvalidSignature as error:
            raise bad_token() from error


def parse_cloudfront_key(setting: str) -> CloudFrontKey:
    """Read `key-pair-id:/private.pem` and the file; raises BadInput that shows neither."""
    key_pair_id, _, file = setting.partition(":")
    if not re.fullmatch(r"[A-Z0-9]{5,64}", key_pair_id):
        raise _bad_key("no key pair id before a colon")
    try:
        private = load_pem_private_key(Path(file).read_bytes(), password=None)
    except OSError as error:
        raise _bad_key(f"its file cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad_key("no private key, in PEM and without a passphrase, in its file") from error
    if isinstance(private, RSAPrivateKey) and private.key_size == _RSA_BITS:
        return CloudFrontKey(key_pair_id=key_pair_id, private=private)
    if isinstance(private, EllipticCurvePrivateKey) and isinstance(private.curve, SECP256R1):
        return CloudFrontKey(key_pair_id=key_pair_id, private=private)
    raise _bad_key("another kind of key in its file")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFrontQuery:
    """The policy in the query of every URL."""

    key: CloudFrontKey
    name: str = "cloudfront"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        signed = _signed_policy(self.key, prefix_policy(grant, base_url))
        return SignedBase(base_url=base_url, query=_joined(signed))

    def verify(self, request: SignedRequest, now_s: float) -> None:
        if "Key-Pair-Id=" not in request.query:
            raise no_token()
        found = _QUERY.fullmatch(request.query)
        if found is None or found["id"] != self.key.key_pair_id:
            raise bad_token()
        if found["Expires"] is not None:
            policy = file_policy(request.url, int(found["Expires"]))
        else:
            policy = _decode(found["Policy"])
        _check_policy(self.key, policy, found["Signature"], found["hash"] or "")
        _check_request(policy, request, now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFrontCookies:
    """The policy in three cookies (four, with an ECDSA key)."""

    key: CloudFrontKey
    name: str = "cloudfront-cookies"

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        base_url = public_url + delivery_path(grant)
        signed = _signed_policy(self.key, prefix_policy(grant, base_url))
        path = path_of(base_url)
        cookies = (
            Cookie(name=_COOKIE + name, value=value, path=path) for name, value in signed.items()
        )
        return SignedBase(base_url=base_url, cookies=tuple(cookies))

    def verify(self, request: SignedRequest, now_s: float) -> None:
        found = {name: request.cookies.get(_COOKIE + name) for name in ("Policy", "Signature")}
        if found["Policy"] is None or found["Signature"] is None:
            raise no_token()
        if request.cookies.get(f"{_COOKIE}Key-Pair-Id") != self.key.key_pair_id:
            raise bad_token()
        policy = _decode(found["Policy"])
        hash_name = request.cookies.get(f"{_COOKIE}Hash-Algorithm", "")
        _check_policy(self.key, policy, found["Signature"], hash_name)
        _check_request(policy, request, now_s)


def sign_file(key: CloudFrontKey, url: str, expires_at_s: int) -> str:
    """The URL of one file, which has no query of its own, with a canned policy."""
    signed = _signed_policy(key, file_policy(url, expires_at_s))
    del signed["Policy"]
    return f"{url}?{_joined({'Expires': str(expires_at_s)} | signed)}"


def file_policy(url: str, expires_at_s: int) -> bytes:
    """The canned policy, to the byte: the edge makes it again from the URL and `Expires`."""
    return _policy(url, {"DateLessThan": {"AWS:EpochTime": expires_at_s}})


def prefix_policy(grant: Grant, base_url: str) -> bytes:
    """The custom policy of a grant; it is bound to an address where that is IPv4."""
    condition: dict[str, Any] = {"DateLessThan": {"AWS:EpochTime": grant.expires_at_s}}
    address = plain_address(grant.client_address) if grant.client_address is not None else None
    if isinstance(address, IPv4Address):
        condition["IpAddress"] = {"AWS:SourceIp": f"{address}/32"}
    return _policy(f"{base_url}*", condition)


def _policy(resource: str, condition: Mapping[str, Any]) -> bytes:
    statement = {"Resource": resource, "Condition": condition}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def _signed_policy(key: CloudFrontKey, policy: bytes) -> dict[str, str]:
    """What goes into the query or, behind a prefix, into cookies; in CloudFront's order."""
    signed = {
        "Policy": _encode(policy),
        "Signature": _encode(key.sign(policy)),
        "Key-Pair-Id": key.key_pair_id,
    }
    return signed | ({"Hash-Algorithm": key.hash_name} if key.hash_name else {})


def _joined(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def _check_policy(key: CloudFrontKey, policy: bytes, signature: str, hash_name: str) -> None:
    key.check(policy, _decode(signature), hash_name)


def _check_request(policy: bytes, request: SignedRequest, now_s: float) -> None:
    """Whether a policy that we have signed covers a request, now."""
    found = _POLICY.fullmatch(policy.decode(errors="replace"))
    if found is None:
        raise bad_token()
    resource = found["resource"]
    if not (lies_below(resource, request.url) if found["below"] else resource == request.url):
        raise bad_token()
    check_expiry(int(found["expires"]), now_s)
    if found["source"] is not None and found["source"] != _source(request.client_address):
        raise wrong_listener()


def _source(address: Address | None) -> str | None:
    return f"{plain_address(address)}/32" if address is not None else None


def _encode(data: bytes) -> str:
    """CloudFront's base64: `-_~` for `+=/`."""
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def _decode(text: str) -> bytes:
    """Raises Forbidden `bad_token` for anything that `_encode` does not write."""
    try:
        data = base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_token() from error
    if _encode(data) != text:
        raise bad_token()
    return data


def _bad_key(found: str) -> BadInput:
    return BadInput(
        "bad_setting",
        f"LEGATO_CLOUDFRONT_KEY: {found}; expected `key-pair-id:/private.pem`, "
        f"an RSA key of {_RSA_BITS} bits or an ECDSA P-256 key",
    )
