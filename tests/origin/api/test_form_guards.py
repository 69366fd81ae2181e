"""A master as a form: it keeps coming, and a quota that is full is said before it is sent."""

import asyncio
import json
import socket
import tempfile
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fixtures.edge_cases import SMALL
from legato.catalog.accounts import api_keys, tenants
from legato.catalog.accounts.api_keys import Scope
from legato.catalog.accounts.quotas import Quotas
from legato.catalog.accounts.tenants import TenantKind
from legato.catalog.database import new_id
from legato.deployment import Deployment
from legato.origin.api.authentication import authenticator
from legato.origin.api.errors import install_errors
from legato.origin.api.idempotency import Idempotency
from legato.origin.api.tracks import tracks_router
from legato.origin.api.upload_guard import UploadGuard
from legato.origin.asgi import App, Message
from tests.running import RunningServer

MONO = (SMALL / "mono-8000.wav").read_bytes()
GIGABYTE = 1_000_000_000
BEGUN = (
    b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    + b"a" * 3_000_000
)


def limited(deployment: Deployment, **most: int) -> str:
    """The key of a new tenant with these quotas."""
    with deployment.database.write() as session:
        made = tenants.create_tenant(session, new_id(), TenantKind.ARTIST, Quotas(**most))
        return api_keys.create_api_key(session, made.tenant_id, "a test's")


def guarded(deployment: Deployment, *, stall_s: float) -> App:
    api = FastAPI()
    api.include_router(tracks_router(deployment))
    install_errors(api)
    once = Idempotency(api, deployment)
    return UploadGuard(once, authenticator(deployment, Scope.UPLOAD), GIGABYTE, stall_s)


def open_files(folder: Path) -> list[str]:
    """Files below `folder` that this process has open, also those that have no name any more."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [name for link in links if (name := str(link.readlink())).startswith(str(folder))]


@pytest.mark.parametrize("more", [[], [(b"idempotency-key", b'"one"')]])
def test_a_form_that_stops_coming_is_refused_and_nothing_of_it_stays(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    more: list[tuple[bytes, bytes]],
) -> None:  # fmt: skip
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "forms"))
    (tmp_path / "forms").mkdir()
    sent: list[Message] = []
    come = iter([BEGUN, b"more"])
    spooled: list[str] = []

    async def receive() -> Message:
        for block in come:
            return {"type": "http.request", "body": block, "more_body": True}
        spooled.extend(open_files(tmp_path / "forms"))
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    key = limited(deployment)
    scope = {
        "type": "http", "method": "POST", "path": "/v1/tracks", "query_string": b"",
        "headers": [
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"authorization", f"Bearer {key}".encode()), *more,
        ],
    }  # fmt: skip

    async def ask() -> None:
        await guarded(deployment, stall_s=0.05)(scope, receive, send)

    asyncio.run(ask())

    start, content = sent
    assert (start["status"], json.loads(content["body"])["code"]) == (408, "body_stalled")
    assert (b"connection", b"close") in start["headers"]
    assert spooled
    assert open_files(tmp_path / "forms") == []


def head(
    server: RunningServer, key: str, *, method: str = "POST", path: str = "/v1/tracks",
    length: str = f"content-length: {GIGABYTE}",
) -> bytes:  # fmt: skip
    """What is answered to the head of a form, of which nothing more is sent."""
    asked = (
        f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
        f"content-type: multipart/form-data; boundary=x\r\nexpect: 100-continue\r\n{length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(asked.encode())
        answer = b""
        while not answer.endswith((b"100 Continue\r\n\r\n", b"}")):
            block = connection.recv(65536)
            assert block, answer
            answer += block
    return answer


def test_a_quota_that_is_full_is_said_before_the_master_is_sent(
    server: RunningServer, beside: Deployment
) -> None:
    small, none = (limited(beside, **most) for most in ({"max_bytes": 10**8}, {"max_tracks": 0}))
    chunked = "transfer-encoding: chunked"

    assert b'"code": "quota_bytes"' in head(server, small)
    assert b'"code": "quota_bytes"' in head(server, small, method="PUT", path="/v1/tracks/x/audio")
    assert b'"code": "quota_tracks"' in head(server, none, length=chunked)
    assert b"retry-after: 60\r\n" in head(server, limited(beside, max_uploads=0))


def test_what_may_fit_is_asked_for(server: RunningServer, beside: Deployment) -> None:
    """What it weighs is not known, or it is new audio of a track that is there."""
    small, none = (limited(beside, **most) for most in ({"max_bytes": 10**7}, {"max_tracks": 0}))
    chunked = "transfer-encoding: chunked"

    assert b" 100 Continue" in head(server, small, length=chunked)
    assert b" 100 Continue" in head(server, small, length="content-length: 10000000")
    assert b" 100 Continue" in head(server, none, method="PUT", path="/v1/tracks/x/audio")


def test_what_was_done_once_is_answered_again_though_its_quota_is_full_by_now(
    server: RunningServer, beside: Deployment
) -> None:
    key = limited(beside, max_tracks=1, max_uploads=7)
    headers = {"authorization": f"Bearer {key}", "idempotency-key": '"a form"'}

    with httpx.Client(base_url=server.url, headers=headers) as client:
        first, again = (
            client.post("/v1/tracks", files={"file": ("a.wav", MONO)}) for _ in range(2)
        )

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["idempotency-replayed"] == "true"
    assert b'"code": "quota_tracks"' in head(server, key)
