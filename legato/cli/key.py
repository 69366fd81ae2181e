"""`legato key create|list --api|revoke`: API keys."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from legato.catalog.accounts import api_keys, tenants
from legato.catalog.accounts.api_keys import EVERY_SCOPE, ApiKey, Scope
from legato.deployment import Deployment
from legato.errors import BadInput


def create_key(tenant: str, label: str, scopes: Sequence[str] = ()) -> str:
    """Make a key for a tenant; answers the key.

    Without `scopes` it may do everything. Raises BadInput `no_scope`, NotFound `no_tenant`.
    """
    may = frozenset(map(_scope, scopes)) or EVERY_SCOPE
    with Deployment().database.write() as session:
        return api_keys.create_api_key(session, tenants.ensure_tenant(session, tenant), label, may)


def list_api_keys(tenant: str | None, *, as_json: bool) -> Iterator[str]:
    """A line a key, of one tenant or of all: never a key itself."""
    with Deployment().database.read() as session:
        names = {one.tenant_id: one.name for one in tenants.list_tenants(session)}
        only = tenants.tenant_named(session, tenant).tenant_id if tenant is not None else None
        found = api_keys.list_api_keys(session, only)
    for key in found:
        yield _to_json(key, names) if as_json else _to_line(key, names)


def revoke_key(key_id: str) -> str:
    """Let a key speak for nobody; answers its id."""
    with Deployment().database.write() as session:
        api_keys.revoke_api_key(session, key_id)
    return key_id


def _scope(text: str) -> Scope:
    if text not in list(Scope):
        raise BadInput("no_scope", f"--scope {text!r}: expected {', '.join(Scope)}")
    return Scope(text)


def _to_line(key: ApiKey, names: dict[str, str]) -> str:
    revoked = f" revoked {_at(key.revoked_at_ms)}" if key.revoked_at_ms is not None else ""
    scopes = ",".join(sorted(key.scopes))
    made = f"{scopes} {_at(key.created_at_ms)}{revoked}"
    return f"{key.key_id} {names[key.tenant_id]}: {key.label}, {made}"


def _to_json(key: ApiKey, names: dict[str, str]) -> str:
    told = {
        "key_id": key.key_id,
        "tenant": names[key.tenant_id],
        "label": key.label,
        "scopes": sorted(key.scopes),
        "created_at": _at(key.created_at_ms),
        "revoked_at": _at(key.revoked_at_ms) if key.revoked_at_ms is not None else None,
    }
    return json.dumps(told)


def _at(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
