"""`/healthz` and `/readyz`."""

from fastapi import APIRouter

from legato.deployment import Deployment


def health_router(deployment: Deployment) -> APIRouter:
    """What a load balancer asks."""
    router = APIRouter()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> dict[str, str]:
        """The catalogue answers too."""
        with deployment.database.read() as session:
            session.connection()
        return {"status": "ok"}

    return router
