"""`legato audit`: who has changed what, the newest first."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from legato.catalog.accounts import audit, tenants
from legato.catalog.accounts.audit import Entry
from legato.deployment import Deployment


def list_entries(tenant: str | None, *, limit: int, as_json: bool) -> Iterator[str]:
    """A line a change, of one tenant's things or of all. Raises NotFound `no_tenant`."""
    with Deployment().database.read() as session:
        names = {one.tenant_id: one.name for one in tenants.list_tenants(session)}
        only = tenants.tenant_named(session, tenant).tenant_id if tenant is not None else None
        found = audit.entries(session, only, limit=limit)
    for entry in found:
        whose = names.get(entry.tenant_id) if entry.tenant_id is not None else None
        yield _to_json(entry, whose) if as_json else _to_line(entry, whose)


def _to_line(entry: Entry, whose: str | None) -> str:
    details = "".join(f" {name}={value!r}" for name, value in entry.details.items())
    of = f" of {whose}" if whose is not None else ""
    return f"{_at(entry)} {entry.actor}: {entry.action} {entry.subject}{of}{details}"


def _to_json(entry: Entry, whose: str | None) -> str:
    told = {
        "entry_id": entry.entry_id,
        "at": _at(entry),
        "tenant": whose,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
    }
    return json.dumps(told)


def _at(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
