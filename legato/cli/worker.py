"""`legato worker`: do the work until told to stop, or until the parent is gone."""

import os
import signal
from threading import Event

from legato.cli.logs import log_to_stderr
from legato.cli.parent import parent_pid
from legato.deployment import Deployment
from legato.workers.duties import Duties, duties_of
from legato.workers.embedded import EmbeddedWorker
from legato.workers.webhooks.sender import Sender

_LOOK_AT_PARENT_EVERY_S = 0.5


def work_until_stopped() -> None:
    """Run a worker, and what is looked after beside it: webhooks, deals that begin.

    A stop signal puts a job that is under way back; so does nothing else.
    """
    log_to_stderr()
    parent, stop = parent_pid(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    deployment = Deployment()
    sender = Sender(deployment.database, private=deployment.settings.webhooks_private)
    with Duties(duties_of(deployment)), sender, EmbeddedWorker(deployment):
        while not stop.wait(_LOOK_AT_PARENT_EVERY_S):
            if os.getppid() != parent:
                return
