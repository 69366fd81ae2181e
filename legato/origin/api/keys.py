"""`/v1/keys`: a tenant looks after its own API keys."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from legato.catalog.accounts import api_keys
from legato.catalog.accounts.api_keys import ApiKey, KeyHolder, Scope
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.idempotency import KEPT_BODY
from legato.origin.api.moment import moment


class KeyRequest(BaseModel):
    """What a new key is for, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]


class KeyView(BaseModel):
    """An API key, without its secret."""

    key_id: str
    label: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        revoked_at_ms = key.revoked_at_ms
        return cls(
            key_id=key.key_id,
            label=key.label,
            scopes=sorted(key.scopes),
            created_at=moment(key.created_at_ms),
            revoked_at=moment(revoked_at_ms) if revoked_at_ms is not None else None,
        )


class NewKey(BaseModel):
    """A key that was just made, shown this once: answered again, `key` is null."""

    key_id: str
    label: str
    scopes: list[Scope]
    key: str | None


class KeyList(BaseModel):
    """A tenant's keys in the order they were made, also those revoked."""

    keys: list[KeyView]


def keys_router(deployment: Deployment) -> APIRouter:
    """A tenant's own keys. A key that is revoked is refused at once."""
    router = APIRouter()
    admin = Annotated[KeyHolder, Depends(caller(deployment, Scope.ADMIN))]

    @router.get("/v1/keys")
    def list_keys(by: admin) -> KeyList:
        """The tenant's API keys; no secret is known any more."""
        with deployment.database.read() as session:
            found = api_keys.list_api_keys(session, by.tenant_id)
        return KeyList(keys=[KeyView.of(key) for key in found])

    @router.post("/v1/keys", status_code=201)
    def create_key(by: admin, wanted: KeyRequest, request: Request) -> NewKey:
        """Make a key; this is the only answer that shows it."""
        with deployment.database.write() as session:
            key = api_keys.create_api_key(
                session, by.tenant_id, wanted.label, wanted.scopes, by.actor
            )
        made = NewKey(
            key_id=api_keys.key_id_of(key),
            label=wanted.label,
            scopes=sorted(wanted.scopes),
            key=key,
        )
        without = made.model_copy(update={"key": None})
        request.scope[KEPT_BODY] = without.model_dump_json().encode()
        return made

    @router.delete("/v1/keys/{key_id}", status_code=204)
    def revoke_key(by: admin, key_id: str) -> None:
        """Let a key speak for nobody from now on; once more is a no-op."""
        with deployment.database.write() as session:
            api_keys.revoke_api_key(session, key_id, by.tenant_id, by.actor)

    return router
