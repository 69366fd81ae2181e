"""The port of an edge that can be told to forget an asset, and how HTTP APIs are asked to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx

from legato.errors import Unavailable

TIMEOUT_S: Final = 5.0
# Of an answer that refuses, so much is told.
_TOLD_CHARACTERS: Final = 200


class PurgingEdge(Protocol):
    """A cache, or a CDN of many, in front of the origin."""

    @property
    def name(self) -> str:
        """Its entry in LEGATO_EDGES, which holds no secret: what logs and tables call it."""
        ...

    def purge(self, asset_id: str, requested_at_ms: int) -> None:
        """Return when the edge has confirmed that it holds nothing of the asset.

        `requested_at_ms` tells one takedown from a later one; asking again is harmless. May be
        called from any thread, and takes a few seconds at most. Raises Unavailable `edge_away`,
        `edge_refused`, or `edge_busy` where the edge has begun and not ended.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRequest:
    """A request of a vendor's API as it is sent; its headers may hold a secret."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""


def send(edge: str, request: PurgeRequest) -> dict[str, Any]:
    """The JSON object that a 2xx answer holds, `{}` where it holds none; raises Unavailable."""
    try:
        answer = httpx.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            timeout=TIMEOUT_S,
        )
    except httpx.HTTPError as error:
        raise away(edge, error) from None
    found = _json_object(answer)
    if not answer.is_success:
        raise refused(edge, f"{answer.status_code} {answer.text[:_TOLD_CHARACTERS]}")
    return found


def away(edge: str, error: Exception) -> Unavailable:
    """What to raise where an edge cannot be asked: what others say of that may show a secret."""
    return Unavailable("edge_away", f"{edge}: {type(error).__name__}")


def refused(edge: str, found: object) -> Unavailable:
    """What to raise where an edge has answered, and not that it has purged."""
    return Unavailable("edge_refused", f"{edge}: found {found}, expected it to confirm the purge")


def _json_object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
