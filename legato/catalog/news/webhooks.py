"""Webhooks: where a tenant wants to be told of what happens, and the messages that tell it."""

import base64
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from legato.catalog.database import new_id, now_ms
from legato.catalog.schema import TenantRow, WebhookMessageRow, WebhookRow
from legato.catalog.text import is_no_id
from legato.errors import BadInput, NotFound

WHSEC: Final = "whsec_"
_SECRET_BYTES: Final = 32
_MOST_WEBHOOKS: Final = 10
_KEPT_MS: Final = 30 * 24 * 3_600_000


class Event(StrEnum):
    """What a webhook is told of; a ping is only sent where it is asked for."""

    TRACK_READY = "track.ready"
    TRACK_REFUSED = "track.refused"
    TRACK_FAILED = "track.failed"
    TRACK_LIVE = "track.live"
    TRACK_TAKEN_DOWN = "track.taken_down"
    TRACK_DELETED = "track.deleted"
    PING = "ping"


EVERY_EVENT: Final = frozenset(Event) - {Event.PING}


class MessageState(StrEnum):
    """waiting → sending → heard; after an attempt in vain waiting again, or failed for good.

    A ping is sent once, and has failed where it is not heard.
    """

    WAITING = "waiting"
    SENDING = "sending"
    HEARD = "heard"
    FAILED = "failed"


_SETTLED: Final = (MessageState.HEARD, MessageState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A tenant's receiver; `secret` is what its messages are signed with, `whsec_` and base64."""

    webhook_id: str
    tenant_id: str
    url: str
    events: frozenset[Event]
    created_at_ms: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message and what has become of it; `body` is the JSON that is sent."""

    message_id: str
    webhook_id: str
    event: Event
    body: str
    state: MessageState
    attempts: int
    due_at_ms: int
    error_message: str | None
    created_at_ms: int


def add_webhook(
    session: Session, *, tenant_id: str, url: str, events: Collection[Event] = EVERY_EVENT
) -> Webhook:
    """Tell a tenant of these events at `url`, which the caller has checked.

    Raises BadInput `too_many_webhooks`.
    """
    _check_room(session, tenant_id)
    row = WebhookRow(
        webhook_id=new_id(),
        tenant_id=tenant_id,
        url=url,
        secret=WHSEC + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode(),
        events=" ".join(sorted(events)),
        created_at_ms=now_ms(),
    )
    session.add(row)
    session.flush()
    return _webhook(row)


def webhooks_of(session: Session, tenant_id: str | None = None) -> list[Webhook]:
    """A tenant's webhooks, or everybody's, in the order they came."""
    query = select(WebhookRow).order_by(WebhookRow.created_at_ms, WebhookRow.webhook_id)
    if tenant_id is not None:
        query = query.where(WebhookRow.tenant_id == tenant_id)
    return [_webhook(row) for row in session.scalars(query)]


def find_webhook(session: Session, webhook_id: str, tenant_id: str | None = None) -> Webhook:
    """A webhook of one tenant or of any; raises NotFound `no_webhook`."""
    query = select(WebhookRow).where(WebhookRow.webhook_id == webhook_id)
    if tenant_id is not None:
        query = query.where(WebhookRow.tenant_id == tenant_id)
    row = session.scalar(query) if not is_no_id(webhook_id) else None
    if row is None:
        raise NotFound("no_webhook", f"webhook {webhook_id!r}: there is none")
    return _webhook(row)


def remove_webhook(session: Session, webhook: Webhook) -> None:
    """Tell it nothing more, of what waits neither; once more is a no-op."""
    same = WebhookRow.webhook_id == webhook.webhook_id
    session.execute(select(WebhookRow.webhook_id).where(same).with_for_update())
    session.execute(
        delete(WebhookMessageRow).where(WebhookMessageRow.webhook_id == webhook.webhook_id)
    )
    session.execute(delete(WebhookRow).where(same))


def tell(session: Session, tenant_id: str, event: Event, data: Mapping[str, Any]) -> None:
    """Enter a message to each webhook of a tenant that wants to hear of this.

    In the transaction of the change itself: it is sent if that is committed, and only then.
    """
    listening = session.execute(
        select(WebhookRow.webhook_id, WebhookRow.events)
        .where(WebhookRow.tenant_id == tenant_id)
        .with_for_update(read=True, key_share=True)  # none of them is removed meanwhile
    )
    wanted = [row.webhook_id for row in listening if event in row.events.split()]
    enter(session, wanted, event, data)


def ping(session: Session, webhook: Webhook) -> str:
    """Enter a message that only says that it came, and is sent once; answers its id.

    Raises BadInput `ping_open` until the one before is heard, or has failed.
    """
    _check_no_ping_open(session, webhook.webhook_id)
    return enter(session, [webhook.webhook_id], Event.PING, {"webhook_id": webhook.webhook_id})[0]


def messages_of(session: Session, webhook: Webhook, *, limit: int) -> list[Message]:
    """A webhook's messages, the newest first."""
    rows = session.scalars(
        select(WebhookMessageRow)
        .where(WebhookMessageRow.webhook_id == webhook.webhook_id)
        .order_by(WebhookMessageRow.created_at_ms.desc(), WebhookMessageRow.message_id)
        .limit(limit)
    )
    return [_message(row) for row in rows]


def forget_old(session: Session) -> int:
    """Forget what was heard, or given up, and is older than 30 days; answers how many."""
    forgotten = session.execute(
        delete(WebhookMessageRow)
        .where(WebhookMessageRow.state.in_(_SETTLED))
        .where(WebhookMessageRow.due_at_ms < now_ms() - _KEPT_MS)
        .returning(WebhookMessageRow.message_id)
    )
    return len(forgotten.all())


def _check_room(session: Session, tenant_id: str) -> None:
    same = TenantRow.tenant_id == tenant_id
    session.execute(select(TenantRow.tenant_id).where(same).with_for_update())
    count = session.scalar(
        select(func.count()).select_from(WebhookRow).where(WebhookRow.tenant_id == tenant_id)
    )
    if (count or 0) >= _MOST_WEBHOOKS:
        raise BadInput(
            "too_many_webhooks", f"found {count} webhooks, expected {_MOST_WEBHOOKS} at most"
        )


def _check_no_ping_open(session: Session, webhook_id: str) -> None:
    same = WebhookRow.webhook_id == webhook_id
    alone = select(WebhookRow.webhook_id).where(same).with_for_update(key_share=True)
    session.execute(alone)
    query = select(WebhookMessageRow.message_id).where(
        WebhookMessageRow.webhook_id == webhook_id,
        WebhookMessageRow.event == Event.PING,
        WebhookMessageRow.state.not_in(_SETTLED),
    )
    found = session.scalar(query.limit(1))
    if found is not None:
        raise BadInput("ping_open", f"message {found}: found on its way, expected heard or failed")


def enter(
    session: Session, webhook_ids: Iterable[str], event: Event, data: Mapping[str, Any]
) -> list[str]:
    """Enter a message to each of these webhooks; answers their ids."""
    now = now_ms()
    body = json.dumps(
        {"type": event, "timestamp": _iso(now), "data": data},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    rows = [
        WebhookMessageRow(
            message_id=new_id(), webhook_id=webhook_id, event=event, body=body,
            state=MessageState.WAITING, attempts=0, due_at_ms=now, error_message=None,
            created_at_ms=now,
        )
        for webhook_id in webhook_ids
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [row.message_id for row in rows]


def _iso(time_ms: int) -> str:
    """A time as RFC 3339 has it, in UTC."""
    at = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        tenant_id=row.tenant_id,
        url=row.url,
        events=frozenset(map(Event, row.events.split())),
        created_at_ms=row.created_at_ms,
        secret=row.secret,
    )


def _message(row: WebhookMessageRow) -> Message:
    return Message(
        message_id=row.message_id,
        webhook_id=row.webhook_id,
        event=Event(row.event),
        body=row.body,
        state=MessageState(row.state),
        attempts=row.attempts,
        due_at_ms=row.due_at_ms,
        error_message=row.error_message,
        created_at_ms=row.created_at_ms,
    )
