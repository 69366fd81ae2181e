"""`/v1/tenant`: who a key speaks for, and how much of its quotas is used."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from legato.catalog.accounts import quotas, tenants
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.accounts.tenants import TenantKind
from legato.deployment import Deployment
from legato.origin.api.authentication import caller


class QuotaView(BaseModel):
    """How much there is, and the most that there may be; null is no limit."""

    used: int
    most: int | None


class TenantView(BaseModel):
    """A tenant. `bytes` counts each master once, and uploads under way in full."""

    name: str
    kind: TenantKind
    bytes: QuotaView
    tracks: QuotaView
    uploads: QuotaView


def tenant_router(deployment: Deployment) -> APIRouter:
    """What a tenant may know of itself."""
    router = APIRouter()
    reader = Annotated[KeyHolder, Depends(caller(deployment, Scope.READ))]

    @router.get("/v1/tenant")
    def read_tenant(by: reader) -> TenantView:
        """The tenant whose key this is."""
        with deployment.database.read() as session:
            tenant = tenants.find_tenant(session, by.tenant_id)
            used = quotas.usage(session, by.tenant_id)
        most = tenant.quotas
        return TenantView(
            name=tenant.name,
            kind=tenant.kind,
            bytes=QuotaView(used=used.size_bytes, most=most.max_bytes),
            tracks=QuotaView(used=used.tracks, most=most.max_tracks),
            uploads=QuotaView(used=used.uploads, most=most.max_uploads),
        )

    return router
