"""The audit log: every change of a tenant's things, entered in the transaction that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from legato.catalog.accounts import idempotency
from legato.catalog.database import new_id, now_ms
from legato.catalog.place import Place
from legato.catalog.schema import AuditRow

# Who did it, where no API key did.
COMMAND_LINE: Final = "command line"
WORKER: Final = "worker"

_PLACE = (AuditRow.at_ms, AuditRow.entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what to what, and when; `details` are the action's own."""

    entry_id: str
    at_ms: int
    tenant_id: str | None
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


def record(  # noqa: PLR0913 - an entry is all of these
    session: Session,
    *,
    tenant_id: str | None,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Enter a change: `action` is a thing and a verb (`track.deleted`), `subject` an id.

    `details` never hold a key, a token or a secret. Under an idempotency key, this ties the
    change to it: raises Unavailable where somebody else has taken the request over.
    """
    row = AuditRow(
        entry_id=new_id(),
        at_ms=now_ms(),
        tenant_id=tenant_id,
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details or {}),
    )
    session.add(row)
    session.flush()
    idempotency.mark_done(session, action, subject)


def entries(
    session: Session, tenant_id: str | None = None, *, limit: int, behind: Place | None = None
) -> list[Entry]:
    """A tenant's entries or everybody's, newest first, from the first behind a place on."""
    query = select(AuditRow)
    if tenant_id is not None:
        query = query.where(AuditRow.tenant_id == tenant_id)
    if behind is not None:
        query = query.where(tuple_(*_PLACE) < (behind.at_ms, behind.item_id))
    newest_first = [column.desc() for column in _PLACE]
    return [_entry(row) for row in session.scalars(query.order_by(*newest_first).limit(limit))]


def place_of(entry: Entry) -> Place:
    return Place(at_ms=entry.at_ms, item_id=entry.entry_id)


def _entry(row: AuditRow) -> Entry:
    return Entry(
        entry_id=row.entry_id,
        at_ms=row.at_ms,
        tenant_id=row.tenant_id,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        details=row.details,
    )
