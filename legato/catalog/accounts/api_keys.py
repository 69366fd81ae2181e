"""API keys: who speaks for which tenant, and what they may do."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from legato.catalog.accounts import audit
from legato.catalog.accounts.audit import COMMAND_LINE
from legato.catalog.database import now_ms
from legato.catalog.schema import ApiKeyRow
from legato.catalog.text import check_text, is_no_id
from legato.errors import Forbidden, NotFound

API_KEY_PREFIX = "lk_"
_KEY_ID_DIGITS: Final = 12


class Scope(StrEnum):
    """`read` sees, `upload` sends and changes tracks, `admin` looks after keys and webhooks."""

    READ = "read"
    UPLOAD = "upload"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What may be known of an API key; `key_id` is the beginning of its hash, not of itself."""

    key_id: str
    tenant_id: str
    label: str
    scopes: frozenset[Scope]
    created_at_ms: int
    revoked_at_ms: int | None


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


def new_api_key() -> str:
    return API_KEY_PREFIX + secrets.token_urlsafe(24)


def key_id_of(key: str) -> str:
    """What a key is called where it is listed."""
    return _key_id(_hash(key))


def create_api_key(
    session: Session,
    tenant_id: str,
    label: str,
    scopes: frozenset[Scope] = EVERY_SCOPE,
    actor: str = COMMAND_LINE,
) -> str:
    """Make a key for a tenant; this is the only time that it can be seen.

    Raises BadInput `bad_text`.
    """
    key = new_api_key()
    register_api_key(session, tenant_id, key, label, scopes, actor)
    return key


def register_api_key(  # noqa: PLR0913, PLR0917 - a key is all of these
    session: Session,
    tenant_id: str,
    key: str,
    label: str,
    scopes: frozenset[Scope] = EVERY_SCOPE,
    actor: str = COMMAND_LINE,
) -> None:
    """Let `key` speak for a tenant; once more is a no-op."""
    check_text(label=label)
    if session.get(ApiKeyRow, _hash(key)) is not None:
        return
    row = ApiKeyRow(
        key_hash=_hash(key),
        key_id=key_id_of(key),
        tenant_id=tenant_id,
        label=label,
        scopes=" ".join(sorted(scopes)),
        created_at_ms=now_ms(),
        revoked_at_ms=None,
    )
    session.add(row)
    _record(session, row, "key.created", actor)


def list_api_keys(session: Session, tenant_id: str | None = None) -> list[ApiKey]:
    """A tenant's keys, or everybody's, in the order they were made; also those revoked."""
    query = select(ApiKeyRow).order_by(ApiKeyRow.created_at_ms, ApiKeyRow.key_hash)
    if tenant_id is not None:
        query = query.where(ApiKeyRow.tenant_id == tenant_id)
    return [_api_key(row) for row in session.scalars(query)]


def revoke_api_key(
    session: Session, key_id: str, tenant_id: str | None = None, actor: str = COMMAND_LINE
) -> None:
    """Let a key, of one tenant or of any, speak for nobody; once more is a no-op.

    Raises NotFound `no_key`.
    """
    query = select(ApiKeyRow).where(ApiKeyRow.key_id == key_id)
    row = session.scalar(query) if not is_no_id(key_id) else None
    if row is None or tenant_id not in (None, row.tenant_id):
        raise NotFound("no_key", f"key {key_id!r}: not in the catalogue")
    if row.revoked_at_ms is None:
        row.revoked_at_ms = now_ms()
        _record(session, row, "key.revoked", actor)


def holder_of_key(session: Session, key: str) -> KeyHolder:
    """Whom a key speaks for; raises Forbidden `bad_api_key`, also for one that was revoked.

    It is looked up by its hash, so the time this takes tells nothing about other keys.
    """
    row = session.get(ApiKeyRow, _hash(key))
    if row is None or row.revoked_at_ms is not None:
        raise Forbidden("bad_api_key", "this API key is not known; `legato key create` makes one")
    return KeyHolder(
        tenant_id=row.tenant_id, key_id=_key_id(row.key_hash), scopes=_scopes(row.scopes)
    )


def tenant_of_key(session: Session, key: str) -> str:
    """Whose key this is; raises Forbidden `bad_api_key`."""
    return holder_of_key(session, key).tenant_id


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        key_id=_key_id(row.key_hash),
        tenant_id=row.tenant_id,
        label=row.label,
        scopes=_scopes(row.scopes),
        created_at_ms=row.created_at_ms,
        revoked_at_ms=row.revoked_at_ms,
    )


def _record(session: Session, row: ApiKeyRow, action: str, actor: str) -> None:
    session.flush()
    audit.record(
        session, tenant_id=row.tenant_id, actor=actor, action=action,
        subject=_key_id(row.key_hash), details={"label": row.label, "scopes": row.scopes},
    )  # fmt: skip


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(map(Scope, text.split()))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _key_id(key_hash: str) -> str:
    """The beginning of a key's hash, not of itself."""
    return key_hash[:_KEY_ID_DIGITS]
