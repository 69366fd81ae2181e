"""Whoever sends masters, their keys, and what was done for them."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from legato.catalog.schema.table import Table


class TenantRow(Table):
    """Whoever sends masters: an artist or a label."""

    __tablename__ = "tenants"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at_ms: Mapped[int]
    kind: Mapped[str] = mapped_column(server_default="artist")
    max_bytes: Mapped[int | None]
    max_tracks: Mapped[int | None]
    max_uploads: Mapped[int | None]


class ApiKeyRow(Table):
    """The SHA-256 of an API key; the key itself is shown once and kept nowhere.

    `key_id` names it where it is listed and in the audit log; `scopes` have spaces between.
    """

    __tablename__ = "api_keys"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    label: Mapped[str]
    created_at_ms: Mapped[int]
    key_id: Mapped[str | None] = mapped_column(index=True)
    scopes: Mapped[str] = mapped_column(server_default="read upload admin")
    revoked_at_ms: Mapped[int | None]


class AuditRow(Table):
    """One change: when, by whom (`key …`, `command line`, `worker`), what, to what."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "tenant_id", "at_ms"),)

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    at_ms: Mapped[int]
    tenant_id: Mapped[str | None]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]


class IdempotencyRow(Table):
    """What was answered to a request under the key that its sender chose for it.

    Until then `owner` has it in hand; `done` is what the request's own transaction has changed.
    """

    __tablename__ = "idempotency"
    __table_args__ = (Index(None, "created_at_ms"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str | None]
    owner: Mapped[str | None]
    leased_until_ms: Mapped[int | None]
    done: Mapped[dict[str, Any] | None]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None]
    created_at_ms: Mapped[int]


class WebhookRow(Table):
    """Where a tenant wants to be told of what happens; `events` have spaces between."""

    __tablename__ = "webhooks"

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[str]
    created_at_ms: Mapped[int]


class WebhookMessageRow(Table):
    """What a webhook is to be told: entered with the change itself, sent until it is heard."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index(None, "state", "due_at_ms"),)

    message_id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id"), index=True)
    event: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at_ms: Mapped[int]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
