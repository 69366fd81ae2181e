"""`/v1/webhooks`: where a tenant wants to be told of what happens to its tracks."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.news import webhooks
from legato.catalog.news.webhook_address import addresses_of, check_url
from legato.catalog.news.webhooks import EVERY_EVENT, Event, Message, MessageState, Webhook
from legato.catalog.text import check_text
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.idempotency import KEPT_BODY
from legato.origin.api.moment import moment


class WebhookRequest(BaseModel):
    """Where to tell, and of what; without `events`, of everything."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=2000, description="https, at a public address")]
    events: Annotated[frozenset[Event], Field(min_length=1)] = EVERY_EVENT


class WebhookView(BaseModel):
    """A webhook, without its secret."""

    webhook_id: str
    url: str
    events: list[Event]
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        return cls(
            webhook_id=webhook.webhook_id,
            url=webhook.url,
            events=sorted(webhook.events),
            created_at=moment(webhook.created_at_ms),
        )


class NewWebhook(WebhookView):
    """A webhook with the secret that its messages are signed with.

    It is shown this once: answered again, `secret` is null.
    """

    secret: str | None


class WebhookList(BaseModel):
    """A tenant's webhooks in the order they came; there are ten at most."""

    webhooks: list[WebhookView]


class MessageView(BaseModel):
    """What a webhook was, or is to be, told; `message_id` is its `webhook-id` header."""

    message_id: str
    event: Event
    state: MessageState
    attempts: int
    error: str | None
    created_at: datetime
    due_at: Annotated[datetime | None, Field(description="When it is sent next; null: never")]

    @classmethod
    def of(cls, message: Message) -> Self:
        waits = message.state is MessageState.WAITING
        return cls(
            message_id=message.message_id,
            event=message.event,
            state=message.state,
            attempts=message.attempts,
            error=message.error_message,
            created_at=moment(message.created_at_ms),
            due_at=moment(message.due_at_ms) if waits else None,
        )


class MessageList(BaseModel):
    """A webhook's messages, the newest first."""

    messages: list[MessageView]


class Ping(BaseModel):
    """A message that is on its way."""

    message_id: str


def webhooks_router(deployment: Deployment) -> APIRouter:
    """A tenant's own webhooks, for its admin keys."""
    router = APIRouter()
    admin = Annotated[KeyHolder, Depends(caller(deployment, Scope.ADMIN))]
    private = deployment.settings.webhooks_private

    @router.post("/v1/webhooks", status_code=201)
    def add_webhook(by: admin, wanted: WebhookRequest, request: Request) -> NewWebhook:
        """Be told of events at a URL; the answer holds the secret, and nothing else ever does."""
        check_text(url=wanted.url)
        addresses_of(check_url(wanted.url, private=private), private=private)
        with deployment.database.write() as session:
            added = webhooks.add_webhook(
                session, tenant_id=by.tenant_id, url=wanted.url, events=wanted.events
            )
            _record(session, by, "webhook.added", added)
        made = NewWebhook(**dict(WebhookView.of(added)), secret=added.secret)
        without = made.model_copy(update={"secret": None})
        request.scope[KEPT_BODY] = without.model_dump_json().encode()
        return made

    @router.get("/v1/webhooks")
    def list_webhooks(by: admin) -> WebhookList:
        """The tenant's webhooks."""
        with deployment.database.read() as session:
            found = webhooks.webhooks_of(session, by.tenant_id)
        return WebhookList(webhooks=[WebhookView.of(one) for one in found])

    @router.delete("/v1/webhooks/{webhook_id}", status_code=204)
    def remove_webhook(by: admin, webhook_id: str) -> None:
        """Be told nothing more there, of what waits neither."""
        with deployment.database.write() as session:
            found = webhooks.find_webhook(session, webhook_id, by.tenant_id)
            webhooks.remove_webhook(session, found)
            _record(session, by, "webhook.removed", found)

    @router.post("/v1/webhooks/{webhook_id}/test", status_code=202)
    def test_webhook(by: admin, webhook_id: str) -> Ping:
        """Send it a `ping`, whatever events it is for, once; its messages tell what came of it."""
        with deployment.database.write() as session:
            found = webhooks.find_webhook(session, webhook_id, by.tenant_id)
            return Ping(message_id=webhooks.ping(session, found))

    @router.get("/v1/webhooks/{webhook_id}/messages")
    def list_messages(
        by: admin, webhook_id: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> MessageList:
        """What it was told, what it is to be told still, and why it has not heard."""
        with deployment.database.read() as session:
            found = webhooks.find_webhook(session, webhook_id, by.tenant_id)
            messages = webhooks.messages_of(session, found, limit=limit)
        return MessageList(messages=[MessageView.of(one) for one in messages])

    return router


def _record(session: Session, by: KeyHolder, action: str, webhook: Webhook) -> None:
    audit.record(
        session, tenant_id=by.tenant_id, actor=by.actor, action=action,
        subject=webhook.webhook_id, details={"events": sorted(webhook.events)},
    )  # fmt: skip
