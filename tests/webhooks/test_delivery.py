"""A message is sent until it is heard, to whom it is for and nobody else."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import update

from legato.catalog.accounts import audit
from legato.catalog.news import webhook_outbox, webhooks
from legato.catalog.news.webhooks import MessageState, Webhook
from legato.catalog.schema import WebhookMessageRow
from legato.deployment import Deployment
from legato.workers.webhooks.sender import RETRY_DELAYS_S, Sender, delay_after
from tests.origin.edges.fake_edge import Answer, Asked
from tests.running import wait_until
from tests.webhooks.conftest import AddWebhook, enter, messages, quick_sender
from tests.webhooks.receiver import Receiver, is_signed

DAY_S = 24 * 3600


def settled(deployment: Deployment, webhook: Webhook) -> MessageState | None:
    """What has become of its only message."""
    [message] = messages(deployment, webhook)
    over = message.state in (MessageState.HEARD, MessageState.FAILED)
    return message.state if over else None


def test_a_receiver_that_fails_twice_hears_the_same_message_signed_each_time(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    webhook = add_webhook()
    statuses = iter([500, 503, 204])
    receiver.answer = lambda _asked: (next(statuses), b"")
    message_id = enter(deployment, webhook)

    with sender:
        assert wait_until(lambda: settled(deployment, webhook)) is MessageState.HEARD

    assert receiver.ids == [message_id] * 3
    assert all(is_signed(asked, webhook.secret) for asked in receiver.asked)
    assert len({asked.body for asked in receiver.asked}) == 1
    body = json.loads(receiver.asked[0].body)
    assert (body["type"], body["data"]) == ("track.live", {"a": "b"})
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None


@pytest.mark.parametrize("answer", [(302, b"", {"location": "/other"}), (404, b"x"), (500, b"x")])
def test_a_receiver_that_never_hears_is_given_up_and_why_is_kept(
    deployment: Deployment,
    receiver: Receiver,
    add_webhook: AddWebhook,
    sender: Sender,
    answer: Answer,
) -> None:
    """A redirect is no answer either: what is behind it was not judged."""
    webhook = add_webhook()
    receiver.answer = lambda _asked: answer
    enter(deployment, webhook)

    with sender:
        assert wait_until(lambda: settled(deployment, webhook)) is MessageState.FAILED

    assert {asked.path for asked in receiver.asked} == {"/hook"}
    [message] = messages(deployment, webhook)
    assert (message.attempts, message.error_message) == (3, f"status {answer[0]}")


def test_a_receiver_that_is_away_is_called_again(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    webhook = add_webhook()
    receiver.away()
    enter(deployment, webhook)

    with sender:
        assert wait_until(lambda: settled(deployment, webhook)) is MessageState.FAILED

    [message] = messages(deployment, webhook)
    assert message.error_message == "could not connect: refused"
    receiver.back()


def test_a_ping_goes_first_and_once_and_its_outcome_makes_room_for_the_next(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    """Also where the receiver asks for a day of patience."""
    webhook = add_webhook()
    receiver.answer = lambda _asked: (503, b"", {"retry-after": "86400"})
    waiting = enter(deployment, webhook)
    pinged = ping(deployment, webhook)

    with sender:
        wait_until(lambda: len(receiver.asked) == 2)
        wait_until(lambda: outcome(deployment, webhook, pinged)[0] is MessageState.FAILED)

        assert receiver.ids == [pinged, waiting]
        assert outcome(deployment, webhook, pinged) == (MessageState.FAILED, 1, "status 503")
        receiver.answer = lambda _asked: (200, b"")
        again = ping(deployment, webhook)
        wait_until(lambda: outcome(deployment, webhook, again)[0] is MessageState.HEARD)

    assert receiver.ids == [pinged, waiting, again]


def ping(deployment: Deployment, webhook: Webhook) -> str:
    with deployment.database.write() as session:
        return webhooks.ping(session, webhook)


def outcome(
    deployment: Deployment, webhook: Webhook, message_id: str
) -> tuple[MessageState, int, str | None]:
    [one] = [one for one in messages(deployment, webhook) if one.message_id == message_id]
    return one.state, one.attempts, one.error_message


def test_who_answers_that_it_is_gone_is_told_nothing_more(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    webhook = add_webhook()
    receiver.answer = lambda _asked: (410, b"")
    enter(deployment, webhook)
    enter(deployment, webhook)

    with sender:
        wait_until(lambda: not registered(deployment))

    assert len(receiver.asked) == 1
    with deployment.database.read() as session:
        [entry] = audit.entries(session, webhook.tenant_id, limit=1)
    assert (entry.actor, entry.action, entry.subject) == (
        "worker", "webhook.removed", webhook.webhook_id,
    )  # fmt: skip


def registered(deployment: Deployment) -> list[Webhook]:
    with deployment.database.read() as session:
        return webhooks.webhooks_of(session)


def test_a_receiver_that_hangs_holds_up_no_other_and_is_called_once_at_a_time(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    with Receiver() as other:
        hanging, calls = threading.Event(), []

        def hang(asked: Asked) -> Answer:
            calls.append(asked)
            hanging.wait(10)
            return 200, b""

        receiver.answer = hang
        slow, quick = add_webhook(), add_webhook(url=other.url)
        for webhook in (slow, slow, quick, quick, quick):
            enter(deployment, webhook)

        with sender:
            wait_until(lambda: calls)
            wait_until(lambda: len(other.asked) == 3)
            assert len(calls) == 1
            hanging.set()
            wait_until(lambda: len(receiver.asked) == 2)


def test_a_receiver_that_answers_bit_by_bit_is_not_waited_for(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    """Each bit comes in time, and the end never."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()
        threading.Thread(target=drip, args=(listener, over), daemon=True).start()
        webhook = add_webhook(url=f"http://127.0.0.1:{listener.getsockname()[1]}/")
        enter(deployment, webhook)

        with quick_sender(deployment, timeout_s=0.2):
            wait_until(lambda: messages(deployment, webhook)[0].error_message)
        over.set()

    assert "no answer within" in (messages(deployment, webhook)[0].error_message or "")


def drip(listener: socket.socket, over: threading.Event) -> None:
    with suppress(OSError):
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-field: ")
            while not over.wait(0.02):
                connection.sendall(b"x")


def test_a_receiver_is_called_by_its_name(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    """Although it is its address that is connected to."""
    webhook = add_webhook(url=f"http://localhost:{receiver.port}/a/path?and=query")
    enter(deployment, webhook)

    with sender:
        wait_until(lambda: settled(deployment, webhook))

    [asked] = receiver.asked
    assert asked.headers["host"] == f"localhost:{receiver.port}"
    assert asked.path == "/a/path?and=query"


def test_an_answer_that_never_ends_is_not_waited_for(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    """The head says that it heard: what follows is nobody's business."""
    webhook = add_webhook()
    receiver.answer = lambda _asked: (200, b"x", {"content-length": str(1 << 40)})
    enter(deployment, webhook)

    with sender:
        assert wait_until(lambda: settled(deployment, webhook)) is MessageState.HEARD


def test_two_senders_tell_each_message_once(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    hooks = [add_webhook() for _ in range(5)]
    told = sorted(enter(deployment, webhook) for webhook in hooks * 4)

    with sender, quick_sender(deployment):
        wait_until(lambda: len(receiver.asked) >= len(told))

    assert sorted(receiver.ids) == told


def test_what_a_dead_sender_had_is_due_again_and_its_word_counts_no_more(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    webhook = add_webhook()
    message_id = enter(deployment, webhook)
    with deployment.database.write() as session:
        [dead] = webhook_outbox.claim_due(session, lease_s=3600, limit=9)
        assert webhook_outbox.claim_due(session, lease_s=3600, limit=9) == []
        session.execute(update(WebhookMessageRow).values(due_at_ms=0))  # the hour has passed

        [alive] = webhook_outbox.claim_due(session, lease_s=3600, limit=9)
        webhook_outbox.put_off(session, dead, "I am dead", delay_s=0)
        webhook_outbox.mark_heard(session, alive)

    assert (dead.message_id, alive.message_id) == (message_id, message_id)
    assert settled(deployment, webhook) is MessageState.HEARD


@pytest.mark.parametrize("url_of", [str, lambda url: url.replace("127.0.0.1", "localhost")])
def test_what_leads_into_our_network_by_now_is_not_called(
    deployment: Deployment,
    receiver: Receiver,
    add_webhook: AddWebhook,
    url_of: Callable[[str], str],
) -> None:
    """A name may have meant another address when it was registered (DNS rebinding)."""
    webhook = add_webhook(url=url_of(receiver.url).replace("http:", "https:"))
    enter(deployment, webhook)

    with quick_sender(deployment, private=False):
        assert wait_until(lambda: settled(deployment, webhook)) is MessageState.FAILED

    assert receiver.asked == []
    [message] = messages(deployment, webhook)
    assert "found no public address" in (message.error_message or "")


def test_a_message_is_tried_for_three_days_further_and_further_apart() -> None:
    delays = [delay_after(attempts) for attempts in range(1, len(RETRY_DELAYS_S) + 1)]

    assert delays[0] <= 6
    assert delays[:-1] == sorted(delays[:-1])
    assert 2.5 * DAY_S < sum(delays) < 3.5 * DAY_S
    assert len({delay_after(9) for _ in range(9)}) > 1


def test_a_receiver_that_says_when_is_asked_then(
    deployment: Deployment, receiver: Receiver, add_webhook: AddWebhook, sender: Sender
) -> None:
    webhook = add_webhook()
    receiver.answer = lambda _asked: (429, b"", {"retry-after": "3600"})
    enter(deployment, webhook)

    with sender:
        wait_until(lambda: messages(deployment, webhook)[0].error_message)

    [message] = messages(deployment, webhook)
    assert message.state is MessageState.WAITING
    assert message.due_at_ms - message.created_at_ms >= 3_600_000


def test_old_messages_are_forgotten_unless_they_still_wait(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    webhook = add_webhook()
    for _ in range(3):
        enter(deployment, webhook)
    with deployment.database.write() as session:
        [heard] = webhook_outbox.claim_due(session, lease_s=60, limit=1)
        webhook_outbox.mark_heard(session, heard)
        assert webhooks.forget_old(session) == 0
        session.execute(update(WebhookMessageRow).values(due_at_ms=0))

        assert webhooks.forget_old(session) == 1

    assert [one.state for one in messages(deployment, webhook)] == [MessageState.WAITING] * 2
