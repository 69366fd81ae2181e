"""Tenants and their API keys: who speaks for whom, and what they may do."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from legato.catalog.database import new_id, now_ms
from legato.catalog.schema import ApiKeyRow, TenantRow
from legato.errors import Forbidden

LOCAL_TENANT = "local"
API_KEY_PREFIX = "lk_"


class Scope(StrEnum):
    """`read` sees, `upload` sends and changes tracks, `admin` looks after keys and webhooks."""

    READ = "read"
    UPLOAD = "upload"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Whom an API key speaks for, and what it may do."""

    tenant_id: str
    key_id: str
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        """As the audit log names who did something."""
        return f"key {self.key_id}"


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


def create_api_key(
    session: Session, tenant_id: str, label: str, scopes: frozenset[Scope] = EVERY_SCOPE
) -> str:
    """Make a key for a tenant; this is the only time that it can be seen."""
    key = new_api_key()
    register_api_key(session, tenant_id, key, label, scopes)
    return key


def register_api_key(
    session: Session,
    tenant_id: str,
    key: str,
    label: str,
    scopes: frozenset[Scope] = EVERY_SCOPE,
) -> None:
    """Let `key` speak for a tenant; once more is a no-op."""
    if session.get(ApiKeyRow, _hash(key)) is None:
        row = ApiKeyRow(
            key_hash=_hash(key),
            key_id=_key_id(_hash(key)),
            tenant_id=tenant_id,
            label=label,
            scopes=" ".join(sorted(scopes)),
            created_at_ms=now_ms(),
            revoked_at_ms=None,
        )
        session.add(row)


def holder_of_key(session: Session, key: str) -> KeyHolder:
    """Whom a key speaks for; raises Forbidden `bad_api_key`, also for one that was revoked.

    It is looked up by its hash, so the time this takes tells nothing about other keys.
    """
    row = session.get(ApiKeyRow, _hash(key))
    if row is None or row.revoked_at_ms is not None:
        raise Forbidden("bad_api_key", "this API key is not known; `legato key create` makes one")
    return KeyHolder(
        tenant_id=row.tenant_id,
        key_id=row.key_id or _key_id(row.key_hash),
        scopes=frozenset(map(Scope, row.scopes.split())),
    )


def tenant_of_key(session: Session, key: str) -> str:
    """Whose key this is; raises Forbidden `bad_api_key`."""
    return holder_of_key(session, key).tenant_id


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _key_id(key_hash: str) -> str:
    """What a key is called where it is listed: the beginning of its hash, not of itself."""
    return key_hash[:12]
