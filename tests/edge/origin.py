"""What becomes of the origin behind the edge."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy.orm import Session

from legato.catalog import denials
from legato.catalog.denials import DenialKind
from legato.deployment import Deployment
from legato.settings import Settings
from tests.running import RunningServer

_GRANT_TTL_S = 3600


@contextmanager
def frozen(server: RunningServer) -> Iterator[None]:
    """The origin accepts connections and answers nothing."""
    os.killpg(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGCONT)


@contextmanager
def away(server: RunningServer) -> Iterator[None]:
    """The origin is gone, and comes back on the same address."""
    server.kill()
    try:
        yield
    finally:
        server.start()


def deny(server: RunningServer, kind: DenialKind, subject: str) -> None:
    with _catalogue(server) as session:
        denials.deny(session, kind, subject, grant_ttl_s=_GRANT_TTL_S)


def allow(server: RunningServer, kind: DenialKind, subject: str) -> None:
    with _catalogue(server) as session:
        assert denials.withdraw(session, kind, subject)


@contextmanager
def _catalogue(server: RunningServer) -> Iterator[Session]:
    deployment = Deployment(Settings(data=server.data, _env_file=None))
    with closing(deployment.database) as database, database.write() as session:
        yield session
