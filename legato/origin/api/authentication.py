"""API keys: whose a request is, and what it may do (RFC 6750 §2.1)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request

from legato.catalog.accounts import api_keys
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.deployment import Deployment
from legato.errors import Forbidden
from legato.origin.asgi import AUTHENTICATED
from legato.origin.bearer import bearer_of


def authenticator(
    deployment: Deployment, scope: Scope | None = None
) -> Callable[[str | None], KeyHolder]:
    """Answers whose API key an Authorization header bears (RFC 6750 §2.1).

    Raises Forbidden: `no_api_key`, `bad_api_key`, and `scope` where the key may not do this.
    """

    def authenticate(authorization: str | None) -> KeyHolder:
        key = bearer_of(authorization)
        if not key:
            raise Forbidden("no_api_key", "send the header: Authorization: Bearer YOUR-API-KEY")
        with deployment.database.read() as session:
            holder = api_keys.holder_of_key(session, key)
        if scope is not None and scope not in holder.scopes:
            found = " ".join(sorted(holder.scopes)) or "none"
            raise Forbidden("scope", f"this API key: found the scopes {found}, expected {scope}")
        return holder

    return authenticate


def caller(deployment: Deployment, scope: Scope) -> Callable[..., KeyHolder]:
    """The same as a FastAPI dependency."""
    authenticate = authenticator(deployment, scope)

    def holder(
        request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> KeyHolder:
        found = authenticate(authorization)
        request.scope[AUTHENTICATED] = True
        return found

    return holder
