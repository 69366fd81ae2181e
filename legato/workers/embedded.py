"""The embedded worker: Dramatiq's in-process broker, with the database as the truth about work.

The broker only wakes; what there is to do stands in the catalogue, and a job's lease says who
does it. So a message that is lost, or comes twice, does no harm.
"""

from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final, Self

import dramatiq
import structlog
from dramatiq.brokers.stub import StubBroker

from legato.catalog import jobs
from legato.deployment import Deployment
from legato.errors import LegatoError
from legato.workers.run_job import run_job

_SWEEP_EVERY_S: Final = 0.5
# While it works, the end of a job makes the sweeper look; this is for what others left.
_SWEEP_BUSY_EVERY_S: Final = 5.0
# More than one in the queue, so that the worker never waits for the sweeper.
_QUEUED_AHEAD: Final = 2
_WORKER_TIMEOUT_MS: Final = 200

log = structlog.get_logger()


class EmbeddedWorker:
    """A worker thread, and a sweeper that wakes it for whatever is free; a context manager.

    One job at a time, since a single encode uses all cores; `on_end` is called after each.
    Leaving the context puts a job that is under way back, for the next worker to start over.
    """

    def __init__(self, deployment: Deployment, on_end: Callable[[], object] = lambda: None) -> None:
        self._deployment = deployment
        self._on_end = on_end
        self._stopping = Event()
        self._something_ended = Event()
        self._queued: set[str] = set()
        self._lock = Lock()
        self._broker = StubBroker(middleware=[])
        self._actor = dramatiq.actor(broker=self._broker, actor_name="run_job", queue_name="jobs")(
            self._work
        )
        self._worker = dramatiq.Worker(
            self._broker, worker_threads=1, worker_timeout=_WORKER_TIMEOUT_MS
        )
        self._sweeper = Thread(target=self._sweep_until_stopped, name="sweeper")

    def __enter__(self) -> Self:
        self._deployment.intake.remove_abandoned()
        self._worker.start()
        self._sweeper.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._something_ended.set()
        self._sweeper.join()
        self._worker.stop()
        self._broker.close()

    def wake(self) -> None:
        """There may be a job that it does not know of: look now."""
        self._something_ended.set()

    def _work(self, job_id: str) -> None:
        try:
            if not self._stopping.is_set():
                run_job(self._deployment, job_id, self._stopping)
        finally:
            with self._lock:
                self._queued.discard(job_id)
            self._something_ended.set()
            self._on_end()

    def _sweep_until_stopped(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sweep()
            except LegatoError as error:
                log.warning("sweep_failed", code=error.code, error=error.message)
            except Exception:  # a worker without its sweeper would idle for ever
                log.exception("sweep_failed")
            self._something_ended.wait(_SWEEP_BUSY_EVERY_S if self._queued else _SWEEP_EVERY_S)
            self._something_ended.clear()

    def _sweep(self) -> None:
        """Free what dead workers held, and wake the worker for jobs that it does not know."""
        database = self._deployment.database
        with database.read() as session:
            orphans = jobs.any_dead(session)
            free = jobs.free_jobs(session, limit=_QUEUED_AHEAD)
        if orphans:
            with database.write() as session:
                freed = jobs.release_dead(session)
                free = jobs.free_jobs(session, limit=_QUEUED_AHEAD)
            log.info("jobs_freed", count=freed)
        with self._lock:
            new = [job_id for job_id in free if job_id not in self._queued]
            self._queued.update(new)
        for job_id in new:
            self._actor.send(job_id)
