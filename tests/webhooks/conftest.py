"""A receiver, a webhook that leads to it, and a sender that is quick to try again."""

from collections.abc import Callable, Iterator

import pytest

from legato.catalog.accounts import tenants
from legato.catalog.news import webhooks
from legato.catalog.news.webhooks import EVERY_EVENT, Event, Message, Webhook
from legato.deployment import Deployment
from legato.workers.webhooks.sender import Sender
from tests.webhooks.receiver import Receiver

AddWebhook = Callable[..., Webhook]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def tenant_id(deployment: Deployment) -> str:
    with deployment.database.write() as session:
        return tenants.ensure_tenant(session)


@pytest.fixture
def add_webhook(deployment: Deployment, tenant_id: str, receiver: Receiver) -> AddWebhook:
    def add(
        *,
        url: str = f"{receiver.url}/hook",
        tenant_id: str = tenant_id,
        events: frozenset[Event] = EVERY_EVENT,
    ) -> Webhook:
        with deployment.database.write() as session:
            return webhooks.add_webhook(session, tenant_id=tenant_id, url=url, events=events)

    return add


@pytest.fixture
def sender(deployment: Deployment) -> Sender:
    """It tries twice more, at once."""
    return quick_sender(deployment)


def quick_sender(deployment: Deployment, *, private: bool = True, timeout_s: float = 10) -> Sender:
    return Sender(
        deployment.database, private=private, delays_s=(0, 0), timeout_s=timeout_s, every_s=0.02
    )


def enter(deployment: Deployment, webhook: Webhook) -> str:
    """Enter a message of which it matters only whether it is heard."""
    with deployment.database.write() as session:
        return webhooks.enter(session, [webhook.webhook_id], Event.TRACK_LIVE, {"a": "b"})[0]


def messages(deployment: Deployment, webhook: Webhook) -> list[Message]:
    with deployment.database.read() as session:
        return webhooks.messages_of(session, webhook, limit=100)
