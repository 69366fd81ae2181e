"""`POST /v1/tracks/{id}/play`."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response

from legato.deployment import Deployment
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.media.edge import Edge
from legato.origin.playback.listener import Listeners
from legato.origin.playback.play import Playback
from legato.origin.playback.session import PlaybackSession
from legato.origin.playback.tiers import parse_tiers

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "`no_api_key`, `bad_api_key`, `bad_listener_token`, "
                         "`expired_listener_token`"},
    403: {"description": "`not_licensed_here`, `tier`"},
    404: {"description": "`no_track`"},
    409: {"description": "`not_ready`"},
    410: {"description": "`taken_down`"},
}  # fmt: skip


def playback_router(
    deployment: Deployment, keys: Callable[[], SigningKeys], edge: Edge
) -> APIRouter:
    """What a player asks when somebody presses play; `keys` answers those that sign now.

    Raises BadInput where a setting of listeners, tiers or edges cannot be.
    """
    router = APIRouter()
    listeners = Listeners(deployment.settings, parse_tiers(deployment.settings.tiers), edge)
    playback = Playback(deployment.settings, keys)

    @router.post("/v1/tracks/{track_id}/play", responses=_REFUSALS)
    def play_track(
        track_id: str,
        request: Request,
        response: Response,
        authorization: Annotated[str | None, Header()] = None,
    ) -> PlaybackSession:
        """A grant for a ready track, and the addresses that it opens."""
        del authorization  # read with the other headers; named here for the API's description
        response.headers["cache-control"] = "no-store"
        with deployment.database.read() as session:
            listener = listeners.who(session, request.scope)
            return playback.play(session, track_id, listener, str(request.base_url))

    return router
