"""An identity provider as tests need one: keys, and the tokens that they sign."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = bytes(range(64))
HS256_SETTING = f"h1:HS256:{base64.b64encode(SECRET).decode()}"


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def pem_settings(folder: Path) -> str:
    """LEGATO_JWT_KEYS with a key of each kind: h1, r1, e1."""
    (folder / "rsa.pem").write_bytes(public_pem(rsa_key()))
    (folder / "ec.pem").write_bytes(public_pem(ec_key()))
    return f"{HS256_SETTING}, r1:RS256:{folder}/rsa.pem, e1:ES256:{folder}/ec.pem"


def token(
    key: Any = SECRET,
    algorithm: str = "HS256",
    kid: str | None = "h1",
    *,
    expires_in_s: float | None = 600,
    **claims: Any,
) -> str:
    """A token, good in all that is not said to be otherwise."""
    expiry = {} if expires_in_s is None else {"exp": int(time.time() + expires_in_s)}
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode({"sub": "anna", **expiry, **claims}, key, algorithm, headers)


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """Three parts that no library would have put together."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def jwks(**keys: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """A key set of public keys by their ids."""
    return {"keys": [{**_jwk(key), "kid": kid, "use": "sig"} for kid, key in keys.items()]}


def _jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)


@dataclass(slots=True)
class KeySetServer:
    """Serves a key set over HTTP; `document` may be replaced, None answers 503."""

    url: str
    document: Any
    requests: int = 0


@contextmanager
def serving(document: Any) -> Iterator[KeySetServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests += 1
            body = json.dumps(served.document).encode()
            self.send_response(503 if served.document is None else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = KeySetServer(f"http://127.0.0.1:{server.server_port}/jwks.json", document)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
