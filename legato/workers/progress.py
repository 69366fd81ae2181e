"""How far a job is: told to the catalogue now and then, which keeps the job's lease as well."""

import time
from dataclasses import asdict, dataclass
from threading import Event
from typing import Final

from legato.catalog import jobs
from legato.catalog.database import Database

_REPORT_EVERY_S: Final = 0.4


class LeaseLostError(Exception):
    """Another worker has the job now: leave it, and touch nothing of it."""


class StoppingError(Exception):
    """This worker is asked to stop: put the job back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where in a job: `fraction` of its stage, and how fast in multiples of real time."""

    stage: str
    fraction: float
    times_real_time: float
    seconds_left: float


def measure_progress(stage: str, done_s: float, total_s: float, elapsed_s: float) -> Progress:
    """So many seconds of audio of so many went through a stage in so much time."""
    speed = done_s / elapsed_s if elapsed_s > 0 else 0.0
    return Progress(
        stage=stage,
        fraction=round(min(done_s / total_s, 1.0), 4) if total_s else 0.0,
        times_real_time=round(speed, 1),
        seconds_left=round(max(total_s - done_s, 0) / speed, 1) if speed else 0.0,
    )


class Reporter:
    """Reports one job's progress; raises LeaseLostError or StoppingError to end it."""

    def __init__(
        self, database: Database, job_id: str, owner: str, lease_s: float, stopping: Event
    ) -> None:
        self._database = database
        self._job_id = job_id
        self._owner = owner
        self._lease_s = lease_s
        self._stopping = stopping
        self._next_report = 0.0
        self._stage = ""
        self._started = 0.0

    def report(self, stage: str, done_s: float, total_s: float) -> None:
        """So many seconds of audio of so many are through this stage."""
        if self._stopping.is_set():
            raise StoppingError
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started, self._next_report = stage, now, 0.0
        if now < self._next_report:
            return
        self._next_report = now + _REPORT_EVERY_S
        progress = measure_progress(stage, done_s, total_s, now - self._started)
        with self._database.write() as session:
            kept = jobs.report(session, self._job_id, self._owner, self._lease_s, asdict(progress))
        if not kept:
            raise LeaseLostError
