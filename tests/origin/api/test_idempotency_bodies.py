"""A body that comes under an Idempotency-Key is waited for, but not for ever."""

import asyncio
import json
import socket
from contextlib import closing

import pytest

from legato.catalog.accounts import api_keys, idempotency
from legato.catalog.accounts.idempotency import KeptAnswer, Reservation
from legato.catalog.database import new_id
from legato.deployment import Deployment
from legato.origin.api.idempotency import Idempotency
from legato.origin.asgi import Message, Receive, Scope, Send
from legato.settings import Settings
from tests.running import RunningServer
from tests.tenants import made_tenant

MIB = bytes(1 << 20)
TUS = {"tus-resumable": "1.0.0"}
PART = {**TUS, "upload-offset": "0", "content-type": "application/offset+octet-stream"}
KEPT = KeptAnswer(request_hash="of another", status=204, headers={}, body="")


def test_a_refusal_is_heard_though_the_refused_body_pauses(server: RunningServer) -> None:
    """It is not kept, and nobody has its key in hand any more."""
    begun = server.api.post("/v1/uploads", headers={**TUS, "upload-length": "10"})
    place = begun.headers["location"]
    part = {**PART, "idempotency-key": f'"{new_id()}"'}
    fields = {**part, "authorization": server.api.headers["authorization"], "content-length": "99"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(f"PATCH {place} HTTP/1.1\r\nhost: localhost\r\n{head}\r\nfive!".encode())
        answer = line.recv(65536)
    again = server.api.patch(place, content=bytes(11), headers=part)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (again.status_code, again.json()["code"]) == (413, "too_large")
    assert "idempotency-replayed" not in again.headers


@pytest.mark.parametrize(
    ("body", "refusal"),
    [([b"five!"], (408, "body_stalled")), ([MIB, MIB], (413, "too_large"))],
)
def test_what_is_sent_again_is_watched_as_it_comes(
    settings: Settings, body: list[bytes], refusal: tuple[int, str]
) -> None:
    blocks, sent = iter(body), list[Message]()

    async def receive() -> Message:
        for block in blocks:
            return {"type": "http.request", "body": block, "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError

    deployment = Deployment(settings.model_copy(update={"max_upload_bytes": 1000}))
    with closing(deployment.database):
        scope = {
            "type": "http", "method": "PATCH", "path": "/v1/uploads/x", "query_string": b"",
            "headers": [
                (b"authorization", f"Bearer {key_with_an_answer(deployment)}".encode()),
                (b"idempotency-key", b'"one"'),
            ],
        }  # fmt: skip
        asyncio.run(Idempotency(never, deployment, stall_s=0.05)(scope, receive, send))

    start, content = sent
    assert (start["status"], json.loads(content["body"])["code"]) == refusal
    assert (b"connection", b"close") in start["headers"]


def key_with_an_answer(deployment: Deployment) -> str:
    """An API key whose tenant has been answered under `one` before."""
    with deployment.database.write() as session:
        tenant_id = made_tenant(session, new_id())
        first = idempotency.reserve(session, tenant_id, "one", 60)
        assert isinstance(first, Reservation)
        idempotency.finish(session, first, KEPT)
        return api_keys.create_api_key(session, tenant_id, "a test's")
