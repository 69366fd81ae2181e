"""API keys: whose a request is (RFC 6750 §2.1)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request

from legato.catalog import tenants
from legato.deployment import Deployment
from legato.errors import Forbidden
from legato.origin.asgi import AUTHENTICATED
from legato.origin.bearer import bearer_of


def authenticator(deployment: Deployment) -> Callable[[str | None], str]:
    """Answers whose API key an Authorization header bears (RFC 6750 §2.1); raises Forbidden."""

    def authenticate(authorization: str | None) -> str:
        key = bearer_of(authorization)
        if not key:
            raise Forbidden("no_api_key", "send the header: Authorization: Bearer YOUR-API-KEY")
        with deployment.database.read() as session:
            return tenants.tenant_of_key(session, key)

    return authenticate


def tenant_of_request(deployment: Deployment) -> Callable[..., str]:
    """The same as a FastAPI dependency."""
    authenticate = authenticator(deployment)

    def tenant(request: Request, authorization: Annotated[str | None, Header()] = None) -> str:
        tenant_id = authenticate(authorization)
        request.scope[AUTHENTICATED] = True
        return tenant_id

    return tenant
