"""`legato worker`: do the work until told to stop, or until the parent is gone."""

import os
import signal
from threading import Event

from legato.cli.logs import log_to_stderr
from legato.deployment import Deployment
from legato.workers.embedded import EmbeddedWorker

_LOOK_AT_PARENT_EVERY_S = 0.5


def work_until_stopped() -> None:
    """Run a worker. A stop signal puts a job that is under way back; so does nothing else."""
    log_to_stderr()
    parent, stop = os.getppid(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedWorker(Deployment()):
        while not stop.wait(_LOOK_AT_PARENT_EVERY_S):
            if os.getppid() != parent:
                return
