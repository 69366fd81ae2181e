"""SeaweedFS: a real S3 server, which checks signatures, checksums and conditions."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.running import wait_until

START_TIMEOUT_S: Final = 60
_REGION: Final = "us-east-1"
# Below Linux's range for clients' sockets, so that none of these takes a port before we do.
_PORTS: Final = range(11_000, 22_000)
# Every port has its twin for gRPC.
_GRPC: Final = 10_000
# Whatever TMPDIR says.
_SOCKETS: Final = Path("/tmp")  # noqa: S108 - it is not we who write there
_OPTIONS: Final = (
    "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", "-s3.iam=false",
    "-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
    "-s3.cacheCapacityMB=64", "-master.telemetry=false", "-master.electionTimeout=300ms",
    "-master.volumeSizeLimitMB=256", "-volume.max=1000",
)  # fmt: skip


class SeaweedServer:
    """A server with a folder of its own, on ports of its own; a context manager.

    It has two identities: `env` are the variables of one that may do all, `read_only_env` of
    one that may only read and list.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="seaweed-")
        self._ports = dict(zip(("master", "volume", "filer", "s3"), _free_ports(4), strict=True))
        self._secrets = {name: secrets.token_hex(20) for name in ("writer", "reader")}
        self._buckets = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self._ports["s3"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return self._env("writer")

    @property
    def read_only_env(self) -> dict[str, str]:
        return self._env("reader")

    @property
    def log(self) -> str:
        return (self._path / "log").read_text()

    @cached_property
    def client(self) -> Any:
        """boto3's own, to look at what is stored and to do what legato does not."""
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            region_name=_REGION,
            aws_access_key_id="writer",
            aws_secret_access_key=self._secrets["writer"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def new_bucket(self) -> str:
        """Make a bucket; answers its store URL."""
        name = f"bucket-{next(self._buckets)}"
        self.client.create_bucket(Bucket=name)
        return f"s3://{name}"

    def start(self) -> Self:
        """Start it, and wait until it stores an object."""
        with (self._path / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_weed(), "server", *_OPTIONS, *self._own_options()],
                env={**os.environ, "GOMEMLIMIT": "200MiB", "TMPDIR": str(self._path)},
                cwd=self._path, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            wait_until(self._stores, START_TIMEOUT_S)
        except AssertionError:
            self.kill()
            raise
        return self

    def kill(self) -> None:
        """End it at once, as a power cut does; what it has stored stays."""
        assert self._process is not None, "the server has not been started"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for port in self._ports.values():
            for path in _SOCKETS.glob(f"seaweedfs-*-{port + _GRPC}.sock"):
                path.unlink()

    def restart(self) -> None:
        self.kill()
        self.start()

    @property
    def _path(self) -> Path:
        return Path(self._folder.name)

    def _own_options(self) -> list[str]:
        objects, identities = self._path / "objects", self._path / "identities.json"
        objects.mkdir(exist_ok=True)
        identities.write_text(json.dumps({"identities": self._identities()}))
        return [
            f"-dir={objects}", f"-s3.config={identities}",
            f"-filer.localSocket={self._path / 'filer.sock'}",
            f"-s3.localSocket={self._path / 's3.sock'}",
            *[f"-{name}.port={port}" for name, port in self._ports.items()],
        ]  # fmt: skip

    def _identities(self) -> list[dict[str, Any]]:
        actions = {"writer": ["Admin"], "reader": ["Read", "List"]}
        return [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": self._secrets[name]}],
                "actions": allowed,
            }
            for name, allowed in actions.items()
        ]

    def _env(self, identity: str) -> dict[str, str]:
        """All that boto3 asks for, so that nothing of this machine's own is used."""
        return {
            "AWS_ACCESS_KEY_ID": identity,
            "AWS_SECRET_ACCESS_KEY": self._secrets[identity],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": _REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _stores(self) -> bool:
        """Its first answers are errors, until its volumes have found each other."""
        assert self._process is not None
        assert self._process.poll() is None, f"the server has ended:\n{self.log}"
        try:
            with suppress(ClientError):  # it is there already after a restart
                self.client.create_bucket(Bucket="first")
            self.client.put_object(Bucket="first", Key="object", Body=b"stored")
        except (BotoCoreError, ClientError):
            return False
        return True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        self.kill()
        self._folder.cleanup()


def _weed() -> str:
    weed = Path(sys.executable).with_name("weed")
    assert weed.exists(), f"missing: {weed}; `make judges` installs it"
    return str(weed)


def _free_ports(number: int) -> list[int]:
    found: list[int] = []
    while len(found) < number:
        port = secrets.choice(_PORTS)
        if port not in found and _is_free(port) and _is_free(port + _GRPC):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
