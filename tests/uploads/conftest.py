"""One server for what uploads are answered; tests that kill one start their own."""

from collections.abc import Iterator

import httpx
import pytest

from legato.catalog.accounts import api_keys
from legato.deployment import Deployment
from legato.settings import Settings
from tests.running import RunningServer
from tests.tenants import made_tenant
from tests.uploads.tus import TusClient

MAX_UPLOAD_BYTES = 2_000_000_000


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    env = {
        "LEGATO_RATE_LIMIT": "100000/second",
        "LEGATO_MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
    }
    with RunningServer(tmp_path_factory.mktemp("uploads") / "data", env) as running:
        yield running


@pytest.fixture
def tus(server: RunningServer) -> TusClient:
    return TusClient(http=server.api)


@pytest.fixture(scope="session")
def catalogue(server: RunningServer) -> Iterator[Deployment]:
    """The server's own catalogue, to look at and to meddle with."""
    opened = Deployment(Settings(data=server.data, _env_file=None))
    yield opened
    opened.database.close()


@pytest.fixture(scope="session")
def stranger(server: RunningServer, catalogue: Deployment) -> Iterator[TusClient]:
    """Another tenant."""
    with catalogue.database.write() as session:
        tenant_id = made_tenant(session, "stranger")
        key = api_keys.create_api_key(session, tenant_id, "theirs")
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}) as http:
        yield TusClient(http=http)
