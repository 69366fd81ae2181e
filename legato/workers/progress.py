"""How far a job is: told to the catalogue now and then, which keeps the job's lease as well."""

import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Event, Thread
from typing import Final, Self

from legato.catalog import jobs
from legato.catalog.database import Database
from legato.catalog.jobs import Job, LeaseLostError
from legato.errors import LegatoError

_REPORT_EVERY_S: Final = 1.0


class StoppingError(Exception):
    """This worker is asked to stop: put the job back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where in a job: `fraction` of its stage, and how fast in multiples of real time.

    None: nothing is through yet, so there is no figure.
    """

    stage: str
    fraction: float
    times_real_time: float | None
    seconds_left: float | None


def measure_progress(stage: str, done_s: float, total_s: float, elapsed_s: float) -> Progress:
    """So many seconds of audio of so many went through a stage in so much time."""
    speed = done_s / elapsed_s if elapsed_s > 0 else 0
    return Progress(
        stage=stage,
        fraction=round(min(done_s / total_s, 1.0), 4) if total_s else 0.0,
        times_real_time=round(speed, 1) if speed else None,
        seconds_left=round(max(total_s - done_s, 0) / speed, 1) if speed else None,
    )


class Reporter:
    """Reports one job's progress, and keeps its lease; a context manager.

    A heartbeat keeps the lease through steps that report nothing. `report` raises
    LeaseLostError or StoppingError to end the work.
    """

    def __init__(self, database: Database, job: Job, lease_s: float, stopping: Event) -> None:
        self._database = database
        self._job = job
        self._lease_s = lease_s
        self._stopping = stopping
        self._over = Event()
        self._lost = Event()
        self._heartbeat = Thread(target=self._keep_lease, name="heartbeat", daemon=True)
        self._next_report = 0.0
        self._stage = ""
        self._started = 0.0

    def report(self, stage: str, done_s: float, total_s: float) -> None:
        """So many seconds of audio of so many are through this stage."""
        if self._stopping.is_set():
            raise StoppingError
        if self._lost.is_set():
            raise LeaseLostError(self._job.job_id)
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started, self._next_report = stage, now, 0.0
        if now < self._next_report:
            return
        self._next_report = now + _REPORT_EVERY_S
        progress = measure_progress(stage, done_s, total_s, now - self._started)
        with self._database.write() as session:
            kept = jobs.report(session, self._job, self._lease_s, asdict(progress))
        if not kept:
            raise LeaseLostError(self._job.job_id)

    def _keep_lease(self) -> None:
        while not self._over.wait(self._lease_s / 3):
            with suppress(LegatoError), self._database.write() as session:
                if not jobs.keep(session, self._job, self._lease_s):
                    self._lost.set()
                    return

    def __enter__(self) -> Self:
        self._heartbeat.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._heartbeat.join()
