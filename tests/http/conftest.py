"""Three servers that the table is held against: a folder, S3, and nginx before the first."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from fixtures.encoding import FLAC_16, encode_passages
from fixtures.excerpts import variations
from tests.http.leave import DAMAGED, UNREACHABLE, Leave
from tests.http.row import EDGE, LOCAL, S3, Under
from tests.http.served import Served
from tests.origin.listening import keys_of
from tests.running import RunningServer, wait_until
from tests.servers.nginx import NginxEdge
from tests.servers.seaweedfs import SeaweedServer

OF_THE_EDGE: Final = "what-the-edge-alone-knows"
# So long that a whole file at 320 kbit/s is more than a mebibyte.
_SECONDS: Final = 32


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("http") / "master.flac"
    encode_passages(variations(44_100, _SECONDS, bits=16), path, FLAC_16)
    return path


@pytest.fixture(scope="session")
def local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("local") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def local(local_server: RunningServer, master: Path) -> Served:
    """An origin whose objects are in a folder."""
    track = local_server.ready_track(master, title="Thirty-two seconds")
    audio = track.stored.parent
    (audio / DAMAGED).mkdir()
    (audio / DAMAGED / "manifest.json").write_text("{}")
    (audio / UNREACHABLE).mkdir()
    (audio / UNREACHABLE / "manifest.json").symlink_to("manifest.json")
    files = {path.name: path.read_bytes() for path in track.stored.iterdir()}
    return serve(LOCAL, local_server, files)


@pytest.fixture(scope="session")
def s3(
    local: Served, seaweed: SeaweedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """An origin whose objects are in S3, and whose catalogue knows nothing of them.

    It belongs to an edge, and answers nobody else.
    """
    bucket = seaweed.new_bucket()
    objects = {f"audio/{DAMAGED}/manifest.json": b"{}"}
    objects |= {f"audio/{local.asset_id}/{name}": body for name, body in local.files.items()}
    for key, body in objects.items():
        seaweed.client.put_object(Bucket=bucket.removeprefix("s3://"), Key=key, Body=body)
    env = {**seaweed.env, "LEGATO_STORE": bucket, "LEGATO_EDGE_SECRET": OF_THE_EDGE}
    with RunningServer(tmp_path_factory.mktemp("s3") / "data", env) as server:
        yield serve(S3, server, local.files, {"X-Legato-Edge-Secret": OF_THE_EDGE})


@pytest.fixture(scope="session")
def edge(
    local: Served, local_server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """nginx before an origin of its own over the first one's folder."""
    folder = tmp_path_factory.mktemp("edge")
    keys = keys_of(local_server)
    with (
        RunningServer(local_server.data, {"LEGATO_EDGE_SECRET": OF_THE_EDGE}) as origin,
        NginxEdge(folder, origin.url, keys, secret=OF_THE_EDGE) as nginx,
    ):
        nginx.wait_for_list()
        yield Served(
            name=EDGE,
            port=httpx.URL(nginx.url).port or 80,
            manifest=local.manifest,
            files=local.files,
            bases=local.bases,
            forget=lambda: nginx.purge(local.asset_id).raise_for_status(),
        )


@pytest.fixture(scope="session")
def served(request: pytest.FixtureRequest) -> Served:
    """The server of the name that a test asks for."""
    found: Served = request.getfixturevalue(request.param)
    return found


def serve(
    name: str,
    server: RunningServer,
    files: Mapping[str, bytes],
    brings: Mapping[str, str] | None = None,
) -> Served:
    """A server as the table is held against it, as soon as what is denied there is refused."""
    manifest: dict[str, Any] = json.loads(files["manifest.json"])
    leave = Leave(keys_of(server), manifest["asset_id"])
    leave.deny(server.data)
    refused = server.url + leave.bases[Under.DENIED] + "manifest.json"
    wait_until(lambda: httpx.get(refused, headers=brings).status_code == 403)
    return Served(
        name=name, port=server.port, manifest=manifest, files=files, bases=leave.bases,
        brings=brings or {},
    )  # fmt: skip
