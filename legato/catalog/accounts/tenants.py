"""Tenants: who sends masters, and how much of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from legato.catalog.accounts import audit
from legato.catalog.accounts.audit import COMMAND_LINE
from legato.catalog.accounts.quotas import NO_LIMITS, Quotas
from legato.catalog.database import new_id, now_ms
from legato.catalog.schema import TenantRow
from legato.catalog.text import check_name
from legato.errors import BadInput, NotFound

LOCAL_TENANT = "local"


class TenantKind(StrEnum):
    """Who a tenant is; an operator also sees what is nobody's own, such as reviews."""

    ARTIST = "artist"
    LABEL = "label"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Whoever sends masters."""

    tenant_id: str
    name: str
    kind: TenantKind
    quotas: Quotas
    created_at_ms: int


def create_tenant(
    session: Session,
    name: str,
    kind: TenantKind = TenantKind.ARTIST,
    quotas: Quotas = NO_LIMITS,
) -> Tenant:
    """Enter a tenant; raises BadInput `tenant_taken`, `bad_text`."""
    check_name(name=name)
    if session.scalar(_named(name)) is not None:
        raise BadInput("tenant_taken", f"tenant {name!r}: found one of that name, expected none")
    row = TenantRow(
        tenant_id=new_id(), name=name, kind=kind, created_at_ms=now_ms(), **asdict(quotas)
    )
    session.add(row)
    session.flush()
    _record(session, row, "tenant.created", {"name": name, "kind": kind, **asdict(quotas)})
    return _tenant(row)


def ensure_tenant(session: Session, name: str = LOCAL_TENANT) -> str:
    """The id of the tenant of this name; of all names, only `local` is made where it is not.

    Raises NotFound `no_tenant`.
    """
    found = session.scalar(_named(name))
    if found is None and name == LOCAL_TENANT:
        return create_tenant(session, name).tenant_id
    return tenant_named(session, name).tenant_id


def find_tenant(session: Session, tenant_id: str) -> Tenant:
    """Raises NotFound `no_tenant`."""
    row = session.get(TenantRow, tenant_id)
    if row is None:
        raise NotFound("no_tenant", f"tenant {tenant_id!r}: not in the catalogue")
    return _tenant(row)


def tenant_named(session: Session, name: str) -> Tenant:
    """Raises NotFound `no_tenant`."""
    return _tenant(_row_named(session, name))


def list_tenants(session: Session) -> list[Tenant]:
    """All tenants, by name."""
    return [_tenant(row) for row in session.scalars(select(TenantRow).order_by(TenantRow.name))]


def change_tenant(session: Session, name: str, changes: Mapping[str, str | int | None]) -> Tenant:
    """Change a tenant's kind or quotas (`max_bytes` …), None being no limit.

    Raises NotFound `no_tenant`.
    """
    row = _row_named(session, name)
    for field, value in changes.items():
        setattr(row, field, value)
    session.flush()
    if changes:
        _record(session, row, "tenant.changed", changes)
    return _tenant(row)


def _named(name: str) -> "Select[TenantRow]":
    return select(TenantRow).where(TenantRow.name == name)


def _row_named(session: Session, name: str) -> TenantRow:
    row = session.scalar(_named(name))
    if row is None:
        raise NotFound(
            "no_tenant", f"tenant {name!r}: not in the catalogue; `legato tenant create` makes one"
        )
    return row


def _tenant(row: TenantRow) -> Tenant:
    return Tenant(
        tenant_id=row.tenant_id,
        name=row.name,
        kind=TenantKind(row.kind),
        quotas=Quotas(
            max_bytes=row.max_bytes, max_tracks=row.max_tracks, max_uploads=row.max_uploads
        ),
        created_at_ms=row.created_at_ms,
    )


def _record(
    session: Session, row: TenantRow, action: str, details: Mapping[str, str | int | None]
) -> None:
    audit.record(
        session, tenant_id=row.tenant_id, actor=COMMAND_LINE, action=action,
        subject=row.tenant_id, details=details,
    )  # fmt: skip
