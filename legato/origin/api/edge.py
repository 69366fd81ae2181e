"""`/edge/denials`: what an edge that verifies grants by itself has to know."""

import time
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response

from legato.errors import Forbidden, Unavailable
from legato.origin.grants.denials import Denials
from legato.origin.media.conditions import if_none_match_holds
from legato.origin.media.edge import Edge

# Older than this, the edge is told that we do not know, and so sees its own list grow old.
_STALE_AFTER_S: Final = 10


def edge_router(denials: Denials, edge: Edge) -> APIRouter:
    """What edges poll. A 304 says too that the list is fresh: it is as of the answer's time."""
    router = APIRouter()

    @router.get("/edge/denials", include_in_schema=False)
    async def read_denials(
        request: Request, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """A line a denial: kind, subject, denied at, until when; times in Unix seconds."""
        if not edge.recognises(dict(request.headers.raw)):
            raise Forbidden("not_the_edge", "the denials are for the edge alone")
        if denials.age_s > _STALE_AFTER_S:
            raise Unavailable("denials_stale", "the catalogue has not told what is denied")
        listing, etag = denials.listing()
        headers = {"etag": etag, "cache-control": "no-store"}
        if not if_none_match_holds(if_none_match, etag):
            return Response(status_code=304, headers=headers)
        body = f"as-of {int(time.time())}\n{listing}"
        return Response(body, headers=headers, media_type="text/plain")

    return router
