"""`legato webhook`: where tenants want to be told of what happens, and what they have heard."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from legato.catalog.accounts import audit, tenants
from legato.catalog.news import webhooks
from legato.catalog.news.webhook_address import addresses_of, check_url
from legato.catalog.news.webhooks import EVERY_EVENT, Event
from legato.catalog.text import check_text
from legato.deployment import Deployment
from legato.errors import BadInput

_MESSAGES = 100


def add_webhook(url: str, tenant: str, events: Sequence[str]) -> tuple[str, str]:
    """Tell a tenant of events at a URL; answers the webhook's id, and its secret this once.

    Raises BadInput `bad_webhook_url`, `too_many_webhooks`, or `no_event` for one that is none;
    NotFound `no_tenant`.
    """
    check_text(url=url)
    wanted = [_event(name) for name in events] or EVERY_EVENT
    deployment = Deployment()
    private = deployment.settings.webhooks_private
    addresses_of(check_url(url, private=private), private=private)
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session, tenant)
        added = webhooks.add_webhook(session, tenant_id=tenant_id, url=url, events=wanted)
        audit.record(
            session, tenant_id=tenant_id, actor=audit.COMMAND_LINE, action="webhook.added",
            subject=added.webhook_id, details={"events": sorted(added.events)},
        )  # fmt: skip
    return added.webhook_id, added.secret


def list_webhooks() -> Iterator[str]:
    """Every webhook: its id, its tenant's, where it leads and what it is told."""
    with Deployment().database.read() as session:
        for one in webhooks.webhooks_of(session):
            yield f"{one.webhook_id}  {one.tenant_id}  {one.url}  {' '.join(sorted(one.events))}"


def remove_webhook(webhook_id: str) -> None:
    """Tell it nothing more; raises NotFound `no_webhook`."""
    with Deployment().database.write() as session:
        found = webhooks.find_webhook(session, webhook_id)
        webhooks.remove_webhook(session, found)
        audit.record(
            session, tenant_id=found.tenant_id, actor=audit.COMMAND_LINE,
            action="webhook.removed", subject=webhook_id,
        )  # fmt: skip


def list_messages(webhook_id: str) -> Iterator[str]:
    """A webhook's newest messages and what has become of them; raises NotFound `no_webhook`."""
    with Deployment().database.read() as session:
        found = webhooks.find_webhook(session, webhook_id)
        for one in webhooks.messages_of(session, found, limit=_MESSAGES):
            at = datetime.fromtimestamp(one.created_at_ms / 1000, UTC).isoformat("T", "seconds")
            why = f"  {one.error_message}" if one.error_message else ""
            yield f"{at}  {one.message_id}  {one.event}  {one.state} ({one.attempts}){why}"


def _event(name: str) -> Event:
    if name not in EVERY_EVENT:
        raise BadInput("no_event", f"{name!r}: expected one of {', '.join(sorted(EVERY_EVENT))}")
    return Event(name)
