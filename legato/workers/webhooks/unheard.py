"""Why a receiver could not be called, for its tenant: never what the library says, only what ours.

The library's own sentences may quote a header, and so a secret.
"""

import os
import ssl
from collections.abc import Iterator

import httpx


def why_unheard(error: httpx.HTTPError) -> str:
    """What went wrong, and in what: connecting, sending, or reading the answer."""
    if isinstance(error, httpx.ConnectTimeout):
        return "could not connect: timed out"
    if isinstance(error, httpx.ConnectError):
        return f"could not connect: {_why_not_connected(error)}"
    if isinstance(error, httpx.TimeoutException):
        return "connected, but no answer in time"
    if isinstance(error, httpx.RemoteProtocolError):
        return "connected, but no answer in HTTP came"
    if isinstance(error, httpx.NetworkError):
        return "connected, but the connection broke before the answer"
    return f"could not be sent: {type(error).__name__}"


def _why_not_connected(error: httpx.ConnectError) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not good ({cause.verify_message.rstrip('.')})"
        if isinstance(cause, ssl.SSLError):
            return "no TLS there"
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    return "the network does not let us"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What an error comes from, the nearest first; each of several that failed together."""
    inner = [error.__cause__ or error.__context__]
    if isinstance(error, BaseExceptionGroup):
        inner += error.exceptions
    for cause in inner:
        if cause is not None:
            yield cause
            yield from _causes(cause)
