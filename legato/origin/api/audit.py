"""`/v1/audit`: who has changed what of a tenant's things."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.accounts.audit import Entry
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.moment import moment


class EntryView(BaseModel):
    """One change: `actor` is `key …`, `command line` or `worker`; `details` are the action's."""

    entry_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            entry_id=entry.entry_id,
            at=moment(entry.at_ms),
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
        )


class EntryPage(BaseModel):
    """Some changes, the newest first; `next_cursor` asks for those before them."""

    entries: list[EntryView]
    next_cursor: str | None


def audit_router(deployment: Deployment) -> APIRouter:
    """A tenant's own part of the audit log."""
    router = APIRouter()
    admin = Annotated[KeyHolder, Depends(caller(deployment, Scope.ADMIN))]

    @router.get("/v1/audit")
    def list_entries(
        by: admin,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> EntryPage:
        """What was changed of the tenant's things, by whom and when, the newest first."""
        with deployment.database.read() as session:
            found = audit.entries(session, by.tenant_id, limit=limit + 1, after=cursor)
        views = [EntryView.of(entry) for entry in found[:limit]]
        more = len(found) > limit
        return EntryPage(entries=views, next_cursor=views[-1].entry_id if more else None)

    return router
