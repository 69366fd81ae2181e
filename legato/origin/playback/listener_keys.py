"""The keys that listeners' tokens are signed with: each is bound to one algorithm.

HS256, RS256 and ES256 (RFC 7518 §3.1), set one by one. What a token says of its algorithm is
only ever compared with its key's (RFC 8725 §3.1).
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from legato.errors import BadInput

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_HMAC_BYTES: Final = 32  # as many as the hash has (RFC 7518 §3.2)
_RSA_BITS: Final = 2048  # RFC 7518 §3.3
_EXPECTED: Final = {
    "HS256": f"a secret of {_HMAC_BYTES} bytes or more",
    "RS256": f"an RSA public key of {_RSA_BITS} bits or more",
    "ES256": "a public key on the curve P-256",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ListenerKey:
    """A secret or a public key, the one algorithm that it is for, and its id, if it has one."""

    key_id: str | None = None
    algorithm: str
    key: Any

    def __post_init__(self) -> None:
        """Raises ValueError where the key is too weak, or not one for its algorithm."""
        if not _fits(self.algorithm, self.key):
            raise ValueError(f"expected {_EXPECTED.get(self.algorithm, ' or '.join(_EXPECTED))}")


class KeySource(Protocol):
    """Where the keys of listeners' tokens are."""

    def candidates(self, key_id: str | None) -> Sequence[ListenerKey]:
        """The keys that may have signed a token: those of its key id; without one, all.

        Raises Unavailable.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKeys:
    """The keys of LEGATO_JWT_KEYS."""

    keys: Sequence[ListenerKey]

    def candidates(self, key_id: str | None) -> Sequence[ListenerKey]:
        return choose(self.keys, key_id)


def choose(keys: Sequence[ListenerKey], key_id: str | None) -> Sequence[ListenerKey]:
    """The keys of an id; without an id, all."""
    return [key for key in keys if key_id in (None, key.key_id)]


def parse_jwt_keys(text: str) -> SetKeys:
    """Read `kid:HS256:base64,kid:RS256:/file.pem`; raises BadInput, which never shows a secret."""
    by_id: dict[str, ListenerKey] = {}
    for number, item in enumerate(text.split(","), start=1):
        key_id, algorithm, material = (*item.strip().split(":", 2), "", "")[:3]
        if not _KEY_ID.fullmatch(key_id) or key_id in by_id:
            raise _bad_entry(number, "kid:algorithm:key, with a kid of its own")
        if algorithm not in _EXPECTED:
            raise _bad_entry(number, f"an algorithm of {', '.join(_EXPECTED)}")
        try:
            key = _secret(material) if algorithm == "HS256" else _public_key(Path(material))
            by_id[key_id] = ListenerKey(key_id=key_id, algorithm=algorithm, key=key)
        except OSError as error:
            raise _bad_entry(number, f"a PEM file: {material}: {error.strerror}") from error
        except (ValueError, UnsupportedAlgorithm) as error:
            where = " in base64" if algorithm == "HS256" else f" as PEM in {material}"
            raise _bad_entry(number, _EXPECTED[algorithm] + where) from error
    return SetKeys(keys=list(by_id.values()))


def _secret(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _public_key(path: Path) -> Any:
    return load_pem_public_key(path.read_bytes())


def _fits(algorithm: str, key: Any) -> bool:
    if algorithm == "HS256":
        return isinstance(key, bytes) and len(key) >= _HMAC_BYTES
    if algorithm == "RS256":
        return isinstance(key, RSAPublicKey) and key.key_size >= _RSA_BITS
    if algorithm == "ES256":
        return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    return False


def _bad_entry(number: int, expected: str) -> BadInput:
    return BadInput("bad_setting", f"LEGATO_JWT_KEYS, key {number}: expected {expected}")
