"""Base64 for URLs (RFC 4648 §5), with padding or bare."""

import base64
import binascii


def encode_padded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def encode_bare(data: bytes) -> str:
    return encode_padded(data).rstrip("=")


def decode(text: str) -> bytes | None:
    """What `text` encodes, padded or bare; None where it is not base64url."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
