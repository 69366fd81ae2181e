"""What a worker looks after beside its jobs, now and then, each in a thread of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import Final, Self

import structlog

from legato.catalog.news import webhooks
from legato.deployment import Deployment
from legato.errors import LegatoError
from legato.ingest.uploads.direct import DirectIntake
from legato.ingest.uploads.sweep import UploadSweep
from legato.workers.webhooks.live import tell_what_is_live

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 60 * _MINUTE_S

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that many workers may do at once, and that does no harm if it is done twice."""

    name: str
    every_s: float
    do: Callable[[], object]


def duties_of(deployment: Deployment) -> list[Duty]:
    """All that there is to look after."""
    sweep = UploadSweep(deployment.uploads, deployment.database, deployment.settings.upload_ttl_s)
    direct = deployment.direct_uploads
    return [
        *([_expired(direct)] if direct is not None else []),
        Duty(name="interrupted uploads", every_s=_MINUTE_S, do=sweep.finish_interrupted),
        Duty(name="expired uploads", every_s=_MINUTE_S, do=sweep.remove_expired),
        Duty(
            name="half received masters",
            every_s=_MINUTE_S,
            do=deployment.intake.remove_abandoned,
        ),
        Duty(
            name="live tracks",
            every_s=_MINUTE_S / 2,
            do=partial(tell_what_is_live, deployment.database),
        ),
        Duty(
            name="old webhook messages",
            every_s=_HOUR_S,
            do=partial(_forget_old_messages, deployment),
        ),
    ]


def _expired(direct: DirectIntake) -> Duty:
    return Duty(name="expired direct uploads", every_s=_MINUTE_S, do=direct.remove_expired)


class Duties:
    """Does each duty at once and then every so often; a context manager.

    One that fails is logged, and done again when its time has come.
    """

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._stopping = Event()
        self._threads = [
            Thread(target=self._keep_doing, args=(duty,), name=duty.name) for duty in duties
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _keep_doing(self, duty: Duty) -> None:
        while not self._stopping.is_set():
            try:
                duty.do()
            except LegatoError as error:
                log.warning("duty_failed", duty=duty.name, code=error.code, error=error.message)
            except Exception:
                log.exception("duty_failed", duty=duty.name)
            self._stopping.wait(duty.every_s)


def _forget_old_messages(deployment: Deployment) -> None:
    with deployment.database.write() as session:
        webhooks.forget_old(session)
