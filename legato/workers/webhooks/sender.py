"""Sends what is due, at least once: a message is leased, called, and settled with what came of it.

One call at a time to a webhook, and many webhooks at once, so that one which hangs delays none.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Final, Self

import structlog

from legato.catalog.accounts import audit
from legato.catalog.database import Database
from legato.catalog.news import webhook_outbox, webhooks
from legato.catalog.news.webhook_outbox import Delivery
from legato.errors import LegatoError, NotFound, Unavailable
from legato.workers.webhooks.post import Answer, post
from legato.workers.webhooks.signature import signed_headers

TIMEOUT_S: Final = 10.0
EVERY_S: Final = 0.5
# Ten attempts in not quite three days.
RETRY_DELAYS_S: Final = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
# Each delay is up to so much longer, so that what failed together does not come together.
_JITTER: Final = 0.2
_AT_A_TIME: Final = 32
# Longer than an attempt takes: whoever leased a message and is silent now has died.
_LEASE_TIMEOUTS: Final = 3
# Whoever is being told when it is stopped may say that it has heard.
_LAST_WORDS_S: Final = 2.0
_GONE: Final = 410

log = structlog.get_logger()


class Sender:
    """A thread that sends until it is stopped; a context manager.

    Leaving it breaks off what is under way for long: that is sent again when its lease has passed.
    `private`: also to addresses that are not public. `delays_s`: between attempts, each of
    which takes `timeout_s` at most. `every_s`: how often it looks for what is due.
    """

    def __init__(
        self,
        database: Database,
        *,
        private: bool,
        delays_s: Sequence[float] = RETRY_DELAYS_S,
        timeout_s: float = TIMEOUT_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._database = database
        self._private = private
        self._delays_s = delays_s
        self._timeout_s = timeout_s
        self._every_s = every_s
        self._stopping = Event()
        self._resolver = ThreadPoolExecutor(_AT_A_TIME, "webhook names")
        self._thread = Thread(target=self._run, name="webhooks")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._send_until_stopped())
        finally:
            self._resolver.shutdown(wait=False, cancel_futures=True)

    async def _send_until_stopped(self) -> None:
        under_way: set[asyncio.Task[None]] = set()
        while not self._stopping.is_set():
            for delivery in await self._claim(_AT_A_TIME - len(under_way)):
                under_way.add(asyncio.create_task(self._deliver(delivery)))
            look_again = asyncio.create_task(asyncio.sleep(self._every_s))
            await asyncio.wait({look_again, *under_way}, return_when=asyncio.FIRST_COMPLETED)
            look_again.cancel()
            under_way = {task for task in under_way if not task.done()}
        if under_way:
            _, under_way = await asyncio.wait(under_way, timeout=_LAST_WORDS_S)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _claim(self, limit: int) -> list[Delivery]:
        try:
            return await asyncio.to_thread(self._claim_due, limit)
        except LegatoError as error:
            log.warning("webhooks_not_read", code=error.code, error=error.message)
        except Exception:  # without its thread nothing would be told for ever
            log.exception("webhooks_not_read")
        return []

    def _claim_due(self, limit: int) -> list[Delivery]:
        if limit <= 0:
            return []
        with self._database.read() as session:
            if not webhook_outbox.any_due(session):
                return []
        lease_s = _LEASE_TIMEOUTS * self._timeout_s
        with self._database.write() as session:
            return webhook_outbox.claim_due(session, lease_s=lease_s, limit=limit)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            answer: Answer | LegatoError = await self._post(delivery)
        except LegatoError as error:
            answer = error
        except Exception:  # ours to mend, and no reason not to try again
            log.exception("webhook_failed", message=delivery.message_id)
            answer = Unavailable("webhook_failed", "this could not be sent")
        try:
            await asyncio.to_thread(self._settle, delivery, answer)
        except Exception:  # it is sent again when its lease has passed
            log.exception("webhook_not_settled", message=delivery.message_id)

    async def _post(self, delivery: Delivery) -> Answer:
        body = delivery.body.encode()
        headers = signed_headers(
            delivery.secret,
            message_id=delivery.message_id,
            timestamp_s=int(time.time()),
            body=body,
        )
        return await post(
            delivery.url, headers, body,
            private=self._private, timeout_s=self._timeout_s, resolver=self._resolver,
        )  # fmt: skip

    def _settle(self, delivery: Delivery, answer: Answer | LegatoError) -> None:
        if isinstance(answer, LegatoError):
            self._unheard(delivery, answer.message, retry_after_s=0)
        elif 200 <= answer.status < 300:
            self._heard(delivery)
        elif answer.status == _GONE:
            self._gone(delivery)
        else:
            self._unheard(delivery, f"status {answer.status}", retry_after_s=answer.retry_after_s)

    def _heard(self, delivery: Delivery) -> None:
        with self._database.write() as session:
            webhook_outbox.mark_heard(session, delivery)
        log.info("webhook_heard", **_named(delivery))

    def _gone(self, delivery: Delivery) -> None:
        """The receiver wants to hear nothing more (RFC 9110 §15.5.11): nor will it."""
        with self._database.write() as session:
            try:
                webhook = webhooks.find_webhook(session, delivery.webhook_id)
            except NotFound:
                return
            webhooks.remove_webhook(session, webhook)
            audit.record(
                session, tenant_id=webhook.tenant_id, actor=audit.WORKER,
                action="webhook.removed", subject=webhook.webhook_id,
                details={"why": f"its receiver answered {_GONE}"},
            )  # fmt: skip
        log.warning("webhook_removed", **_named(delivery))

    def _unheard(self, delivery: Delivery, why: str, *, retry_after_s: int) -> None:
        """It is sent again; not for ever, and a ping is not: it asks whether it is heard now."""
        if delivery.event is webhooks.Event.PING or delivery.attempts > len(self._delays_s):
            with self._database.write() as session:
                webhook_outbox.give_up(session, delivery, why)
            log.warning("webhook_given_up", error=why, **_named(delivery))
            return
        delay_s = max(delay_after(delivery.attempts, self._delays_s), retry_after_s)
        with self._database.write() as session:
            webhook_outbox.put_off(session, delivery, why, delay_s=delay_s)
        log.info("webhook_unheard", error=why, again_in_s=round(delay_s), **_named(delivery))


def delay_after(attempts: int, delays_s: Sequence[float] = RETRY_DELAYS_S) -> float:
    """How long a receiver is left alone after so many attempts, in seconds, with jitter."""
    return delays_s[attempts - 1] * (1 + random.uniform(0, _JITTER))  # noqa: S311 - no secret


def _named(delivery: Delivery) -> dict[str, object]:
    """What a log says of a delivery: never the URL, which may hold a secret as well."""
    return {
        "webhook": delivery.webhook_id,
        "message": delivery.message_id,
        "attempt": delivery.attempts,
    }
