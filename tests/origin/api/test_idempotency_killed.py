"""A server is killed with a request in hand: whoever sends it again gets it done once."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog import tracks
from legato.catalog.accounts import api_keys, tenants
from legato.deployment import Deployment
from legato.origin.asgi import App
from tests.origin.api.dying import once, settings_of
from tests.running import folder_without_dotenv, free_port, wait_until

MONO = (SMALL / "mono-8000.wav").read_bytes()
FORM = {"file": ("a.wav", MONO)}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = Deployment(settings_of(tmp_path / "data"))
    yield made
    made.database.close()


@pytest.fixture
def headers(deployment: Deployment) -> dict[str, str]:
    with deployment.database.write() as session:
        key = api_keys.create_api_key(session, tenants.ensure_tenant(session), "for the test")
    return {"authorization": f"Bearer {key}", "idempotency-key": '"one"'}


def kill(data: Path, headers: dict[str, str], when: str) -> None:
    """Send an upload to a server that is killed with it in hand."""
    port = free_port()
    command = [sys.executable, "-m", "tests.origin.api.dying", str(data), str(port)]
    with subprocess.Popen(command, start_new_session=True) as server:
        try:
            wait_until(lambda: answers(port))
            with pytest.raises(httpx.TransportError):
                httpx.post(
                    f"http://127.0.0.1:{port}/v1/tracks",
                    headers={**headers, "x-die": when}, files=FORM,
                )  # fmt: skip
            assert server.wait(15) == -9
        finally:
            server.kill()


def answers(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/v1/tracks").status_code == 401
    return False


def send_again(app: App, headers: dict[str, str]) -> httpx.Response:
    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://origin") as client:
            return await client.post("/v1/tracks", headers=headers, files=FORM)

    return asyncio.run(post())


def track_ids(deployment: Deployment) -> list[str]:
    with deployment.database.read() as session:
        tenant_id = tenants.tenant_named(session, tenants.LOCAL_TENANT).tenant_id
        return [one.track_id for one in tracks.list_tracks(session, tenant_id, limit=10)]


def test_what_was_not_done_yet_is_done_by_whoever_is_asked_again(
    deployment: Deployment, headers: dict[str, str]
) -> None:
    kill(folder_without_dotenv(deployment.settings.data), headers, "asked")
    assert track_ids(deployment) == []

    first, again = (send_again(once(deployment), headers) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert [first.json()["track_id"]] == track_ids(deployment)
    assert again.headers["idempotency-replayed"] == "true"


def test_what_was_done_is_not_done_twice_though_its_answer_is_lost(
    deployment: Deployment, headers: dict[str, str]
) -> None:
    kill(folder_without_dotenv(deployment.settings.data), headers, "answered")
    [made] = track_ids(deployment)

    again = send_again(once(deployment), headers)

    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_lost")
    assert f"track.created {made}" in again.json()["detail"]
    assert track_ids(deployment) == [made]
