"""The outbox of webhooks: what is due, who sends it now, and what came of that."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from legato.catalog.database import now_ms
from legato.catalog.news.webhooks import Event, MessageState
from legato.catalog.schema import WebhookMessageRow, WebhookRow

_OPEN = (MessageState.WAITING, MessageState.SENDING)
_Other = aliased(WebhookMessageRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that is to be sent now; `attempts` counts this one."""

    message_id: str
    webhook_id: str
    url: str
    secret: str = field(repr=False)
    event: Event
    body: str
    attempts: int


def any_due(session: Session) -> bool:
    """Whether something has to be sent now."""
    return bool(session.scalar(select(exists().where(_due(), _of_idle()))))


def claim_due(session: Session, *, lease_s: float, limit: int) -> list[Delivery]:
    """Take at most one message of each webhook that is idle, the longest due first.

    Nobody else takes it for `lease_s`, nor another of that webhook; after that whoever took it
    has died, and it is due again.
    """
    waiting = select(WebhookMessageRow.webhook_id).where(_due(), _of_idle())
    longest_due = (
        select(func.min(WebhookMessageRow.due_at_ms))
        .where(WebhookMessageRow.webhook_id == WebhookRow.webhook_id, _due())
        .scalar_subquery()
    )
    webhooks = session.scalars(
        select(WebhookRow)
        .where(WebhookRow.webhook_id.in_(waiting))
        .order_by(longest_due)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    claimed = [_claim(session, webhook, lease_s) for webhook in webhooks]
    return [delivery for delivery in claimed if delivery is not None]


def mark_heard(session: Session, delivery: Delivery) -> None:
    """Its receiver has it."""
    _settle(session, delivery, state=MessageState.HEARD, due_at_ms=now_ms(), error_message=None)


def put_off(session: Session, delivery: Delivery, error_message: str, *, delay_s: float) -> None:
    """It was not heard, and why; it is sent again in `delay_s`."""
    _settle(
        session, delivery,
        state=MessageState.WAITING, due_at_ms=now_ms() + int(delay_s * 1000),
        error_message=error_message,
    )  # fmt: skip


def give_up(session: Session, delivery: Delivery, error_message: str) -> None:
    """It was never heard, and why not at last."""
    _settle(
        session, delivery,
        state=MessageState.FAILED, due_at_ms=now_ms(), error_message=error_message,
    )  # fmt: skip


def _claim(session: Session, webhook: WebhookRow, lease_s: float) -> Delivery | None:
    """The webhook's row is locked: who had it before has said by now what they took.

    A ping goes before what has waited longer: somebody waits for its outcome.
    """
    row = session.scalars(
        select(WebhookMessageRow)
        .where(WebhookMessageRow.webhook_id == webhook.webhook_id, _due(), _of_idle())
        .order_by(
            WebhookMessageRow.event != Event.PING,
            WebhookMessageRow.due_at_ms,
            WebhookMessageRow.message_id,
        )
        .limit(1)
    ).first()
    if row is None:
        return None
    row.state, row.due_at_ms = MessageState.SENDING, now_ms() + int(lease_s * 1000)
    row.attempts += 1
    session.flush()
    return Delivery(
        message_id=row.message_id,
        webhook_id=row.webhook_id,
        url=webhook.url,
        secret=webhook.secret,
        event=Event(row.event),
        body=row.body,
        attempts=row.attempts,
    )


def _settle(session: Session, delivery: Delivery, **values: Any) -> None:
    """Say what came of an attempt, unless another has begun since."""
    session.execute(
        update(WebhookMessageRow)
        .where(WebhookMessageRow.message_id == delivery.message_id)
        .where(WebhookMessageRow.state == MessageState.SENDING)
        .where(WebhookMessageRow.attempts == delivery.attempts)
        .values(**values)
    )


def _due() -> ColumnElement[bool]:
    return and_(WebhookMessageRow.state.in_(_OPEN), WebhookMessageRow.due_at_ms <= now_ms())


def _of_idle() -> ColumnElement[bool]:
    """Nothing is under way to its webhook."""
    busy = select(_Other.webhook_id).where(
        _Other.state == MessageState.SENDING, _Other.due_at_ms > now_ms()
    )
    return WebhookMessageRow.webhook_id.not_in(busy)
