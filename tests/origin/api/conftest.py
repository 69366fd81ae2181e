"""The catalogue of the running server, for what an operator does beside it."""

from collections.abc import Iterator

import pytest

from legato.deployment import Deployment
from legato.settings import Settings
from tests.running import RunningServer


@pytest.fixture(scope="session")
def beside(server: RunningServer) -> Iterator[Deployment]:
    deployment = Deployment(Settings(data=server.data, _env_file=None))
    yield deployment
    deployment.database.close()
