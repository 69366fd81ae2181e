"""`legato worker`: do the work until told to stop, or until the parent is gone."""

import os
import signal
from threading import Event

from legato.cli.logs import log_to_stderr
from legato.deployment import Deployment
from legato.workers.embedded import EmbeddedWorker

_LOOK_AT_PARENT_EVERY_S = 0.5
# Set by `legato serve`, which may be gone before its children have come to ask who it is.
PARENT_VARIABLE = "LEGATO_SERVE_PID"


def parent_pid() -> int:
    """The process that we must not outlive."""
    return int(os.environ.get(PARENT_VARIABLE, os.getppid()))


def work_until_stopped() -> None:
    """Run a worker. A stop signal puts a job that is under way back; so does nothing else."""
    log_to_stderr()
    parent, stop = parent_pid(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedWorker(Deployment()):
        while not stop.wait(_LOOK_AT_PARENT_EVERY_S):
            if os.getppid() != parent:
                return
