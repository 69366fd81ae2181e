"""Every adapter of the object store port, each new and empty."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from legato.storage.local import LocalStore
from legato.storage.object_store import ObjectStore
from legato.storage.s3 import S3Store
from legato.storage.s3_client import connect
from tests.servers.meddling_proxy import MeddlingProxy
from tests.servers.seaweedfs import SeaweedServer
from tests.storage.bucket import Bucket

NAME = "stored"


def connected(env: Mapping[str, str]) -> Any:
    """A client that has read these variables and no others of AWS's."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        return connect()


@pytest.fixture(scope="session")
def client(seaweed: SeaweedServer) -> Iterator[Any]:
    """legato's own client: it takes a tenth of a second to make one."""
    seaweed.client.create_bucket(Bucket=NAME)
    client = connected(seaweed.env)
    yield client
    client.close()


@pytest.fixture
def bucket(client: Any, seaweed: SeaweedServer) -> Bucket:
    """With a prefix for this test alone."""
    del client  # it has made the bucket
    return Bucket(client=seaweed.client, name=NAME, prefix=secrets.token_hex(4))


@pytest.fixture
def s3(client: Any, bucket: Bucket, tmp_path: Path) -> S3Store:
    return S3Store(bucket.name, bucket.prefix, tmp_path / "scratch", lambda: client)


@pytest.fixture
def proxy(seaweed: SeaweedServer) -> Iterator[MeddlingProxy]:
    with MeddlingProxy(seaweed.port) as proxy:
        yield proxy


@pytest.fixture
def through_proxy(
    seaweed: SeaweedServer, proxy: MeddlingProxy, bucket: Bucket, tmp_path: Path
) -> Iterator[S3Store]:
    """The same objects as `s3`, by way of the proxy."""
    client = connected({**seaweed.env, "AWS_ENDPOINT_URL": proxy.url})
    yield S3Store(bucket.name, bucket.prefix, tmp_path / "scratch", lambda: client)
    client.close()


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    adapter: ObjectStore = request.getfixturevalue(request.param)
    return adapter
