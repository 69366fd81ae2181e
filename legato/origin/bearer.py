"""What a request bears: `Authorization: Bearer …` (RFC 6750 §2.1)."""

from typing import Final

_SCHEME: Final = "bearer "


def bearer_of(authorization: str | None) -> str:
    """The key or token of an Authorization header; empty where it bears none.

    It bears none where it is absent or empty, or of another scheme (`Basic …`), which is for
    somebody else on the way.
    """
    if authorization is None or not authorization.lower().startswith(_SCHEME):
        return ""
    return authorization[len(_SCHEME) :].strip()
