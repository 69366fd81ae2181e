"""`/healthz` and `/readyz`."""

from typing import Final

from fastapi import APIRouter

from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.origin.grants.denials import Denials

# A catalogue restarts in less; longer, and who is taken down here may be played.
_DENIALS_FRESH_S: Final = 60


def health_router(deployment: Deployment, denials: Denials) -> APIRouter:
    """What a load balancer asks."""
    router = APIRouter()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> dict[str, str]:
        """The catalogue answers too, and what it denies is known."""
        with deployment.database.read() as session:
            session.connection()
        if denials.age_s > _DENIALS_FRESH_S:
            raise Unavailable(
                "denials_stale",
                f"the denials are {denials.age_s:.0f} s old, expected {_DENIALS_FRESH_S} at most",
            )
        return {"status": "ok"}

    return router
