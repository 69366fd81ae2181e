"""`legato tenant`: artists and labels, and the most that each may have."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from legato.catalog.accounts import quotas, tenants
from legato.catalog.accounts.quotas import Quotas
from legato.catalog.accounts.tenants import Tenant, TenantKind
from legato.deployment import Deployment
from legato.errors import BadInput


def create_tenant(name: str, kind: str, most: Mapping[str, str | None]) -> str:
    """Enter a tenant; answers its id. Raises BadInput `tenant_taken`, `bad_quota`, `no_kind`."""
    limits = {field: parse_quota(field, text) for field, text in most.items() if text is not None}
    with Deployment().database.write() as session:
        return tenants.create_tenant(session, name, _kind(kind), Quotas(**limits)).tenant_id


def change_tenant(name: str, kind: str | None, most: Mapping[str, str | None]) -> str:
    """Change what is given of a tenant; answers how it is now."""
    changes: dict[str, str | int | None] = {
        field: parse_quota(field, text) for field, text in most.items() if text is not None
    }
    if kind is not None:
        changes["kind"] = _kind(kind)
    with Deployment().database.write() as session:
        return _to_line(session, tenants.change_tenant(session, name, changes))


def list_tenants(*, as_json: bool) -> Iterator[str]:
    """A line a tenant, by name: its kind, and what it uses of the most that it may have."""
    with Deployment().database.read() as session:
        for tenant in tenants.list_tenants(session):
            yield _to_json(session, tenant) if as_json else _to_line(session, tenant)


def show_usage(name: str, *, as_json: bool) -> str:
    """What one tenant uses. Raises NotFound `no_tenant`."""
    with Deployment().database.read() as session:
        tenant = tenants.tenant_named(session, name)
        return _to_json(session, tenant) if as_json else _to_line(session, tenant)


def parse_quota(field: str, text: str) -> int | None:
    """A whole number, or `none` for no limit; raises BadInput `bad_quota`."""
    if text == "none":
        return None
    if text.isascii() and text.isdigit() and len(text) <= len(str(2**62)):
        return int(text)
    option = field.replace("_", "-")
    raise BadInput("bad_quota", f"--{option}: found {text!r}, expected a whole number or none")


def _kind(text: str) -> TenantKind:
    if text not in list(TenantKind):
        raise BadInput("no_kind", f"--kind {text!r}: expected {', '.join(TenantKind)}")
    return TenantKind(text)


def _used(session: Session, tenant: Tenant) -> dict[str, tuple[int, int | None]]:
    used, most = quotas.usage(session, tenant.tenant_id), tenant.quotas
    return {
        "bytes": (used.size_bytes, most.max_bytes),
        "tracks": (used.tracks, most.max_tracks),
        "uploads": (used.uploads, most.max_uploads),
    }


def _to_line(session: Session, tenant: Tenant) -> str:
    used = (
        f"{name} {found}" + (f" of {most}" if most is not None else "")
        for name, (found, most) in _used(session, tenant).items()
    )
    return f"{tenant.name} ({tenant.kind}): {', '.join(used)}"


def _to_json(session: Session, tenant: Tenant) -> str:
    used: dict[str, Any] = {
        name: {"used": found, "most": most}
        for name, (found, most) in _used(session, tenant).items()
    }
    return json.dumps(
        {"tenant_id": tenant.tenant_id, "name": tenant.name, "kind": tenant.kind, **used}
    )
