"""`POST /v1/tracks/{id}/play`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from legato.catalog import tracks
from legato.deployment import Deployment
from legato.origin.api.authentication import tenant_of_request
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.playback.play import play


def playback_router(deployment: Deployment, keys: SigningKeys) -> APIRouter:
    """What a player asks when somebody presses play."""
    router = APIRouter()
    tenant = Annotated[str, Depends(tenant_of_request(deployment))]

    @router.post("/v1/tracks/{track_id}/play")
    def play_track(tenant_id: tenant, track_id: str, request: Request) -> dict[str, Any]:
        """A grant for a ready track, and the addresses that it opens."""
        with deployment.database.read() as session:
            track = tracks.find_track(session, track_id, tenant_id)
        public_url = deployment.settings.public_url or str(request.base_url)
        session_ = play(track, keys, public_url=public_url, ttl_s=deployment.settings.grant_ttl_s)
        return session_.to_json()

    return router
