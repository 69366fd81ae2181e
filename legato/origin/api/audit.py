"""`/v1/audit`: who has changed what of a tenant's things."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.accounts.audit import Entry
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.moment import moment
from legato.origin.api.pages import Behind, Limit, cut


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
    def list_entries(by: admin, behind: Behind, limit: Limit = 100) -> EntryPage:
        """What was changed of the tenant's things, by whom and when, the newest first."""
        with deployment.database.read() as session:
            found = audit.entries(session, by.tenant_id, limit=limit + 1, behind=behind)
        page, cursor = cut(found, limit, audit.place_of)
        return EntryPage(entries=[EntryView.of(entry) for entry in page], next_cursor=cursor)

    return router
