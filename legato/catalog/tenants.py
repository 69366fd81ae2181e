"""Tenants and their API keys, in their simplest form."""

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from legato.catalog.database import new_id, now_ms
from legato.catalog.schema import ApiKeyRow, TenantRow
from legato.errors import Forbidden

LOCAL_TENANT = "local"
API_KEY_PREFIX = "lk_"


def ensure_tenant(session: Session, name: str = LOCAL_TENANT) -> str:
    """The id of the tenant of this name, who is made where there is none."""
    found = session.scalar(select(TenantRow.tenant_id).where(TenantRow.name == name))
    if found is not None:
        return found
    tenant = TenantRow(tenant_id=new_id(), name=name, created_at_ms=now_ms())
    session.add(tenant)
    session.flush()
    return tenant.tenant_id


def new_api_key() -> str:
    return API_KEY_PREFIX + secrets.token_urlsafe(24)


def create_api_key(session: Session, tenant_id: str, label: str) -> str:
    """Make a key for a tenant; this is the only time that it can be seen."""
    key = new_api_key()
    register_api_key(session, tenant_id, key, label)
    return key


def register_api_key(session: Session, tenant_id: str, key: str, label: str) -> None:
    """Let `key` speak for a tenant; once more is a no-op."""
    if session.get(ApiKeyRow, _hash(key)) is None:
        session.add(
            ApiKeyRow(key_hash=_hash(key), tenant_id=tenant_id, label=label, created_at_ms=now_ms())
        )


def tenant_of_key(session: Session, key: str) -> str:
    """Whose key this is; raises Forbidden `bad_api_key`.

    It is looked up by its hash, so the time this takes tells nothing about other keys.
    """
    row = session.get(ApiKeyRow, _hash(key))
    if row is None:
        raise Forbidden("bad_api_key", "this API key is not known; `legato key create` makes one")
    return row.tenant_id


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
