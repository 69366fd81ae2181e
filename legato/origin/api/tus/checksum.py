"""Upload-Checksum: an algorithm and the digest of one request's body (tus, "Checksum")."""

import base64
import binascii
import hashlib
from typing import Final, Self

from legato.errors import BadInput

ALGORITHMS: Final = ("sha1", "sha256", "md5")


class Checksum:
    """What a body is said to be, and what it is found to be."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._algorithm = algorithm
        self._expected = expected
        self._digest = hashlib.new(algorithm, usedforsecurity=False)

    @classmethod
    def of(cls, header: str | None) -> Self | None:
        """Read the header; None without one. Raises BadInput `bad_checksum`."""
        if header is None:
            return None
        algorithm, _, encoded = header.partition(" ")
        if algorithm not in ALGORITHMS:
            raise BadInput(
                "bad_checksum",
                f"Upload-Checksum: found {algorithm!r}, expected {', '.join(ALGORITHMS)}",
            )
        try:
            expected = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadInput(
                "bad_checksum", f"Upload-Checksum: found {encoded!r}, expected Base64"
            ) from error
        return cls(algorithm, expected)

    def update(self, data: bytes | memoryview) -> None:
        self._digest.update(data)

    def check(self) -> None:
        """Raises BadInput `checksum_mismatch`."""
        found = self._digest.digest()
        if found != self._expected:
            raise BadInput(
                "checksum_mismatch",
                f"the body: found {self._algorithm} {base64.b64encode(found).decode()}, "
                f"expected {base64.b64encode(self._expected).decode()}",
            )
