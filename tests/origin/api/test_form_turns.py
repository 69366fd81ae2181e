"""So many masters are on their way as forms at once, and no more: asked before they are sent."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog.accounts import api_keys
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.database import new_id
from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.origin.api.form_turns import AT_ONCE, OF_A_TENANT, FormTurns
from legato.origin.api.upload_guard import UploadGuard
from legato.origin.asgi import Message, Receive, Send
from legato.origin.asgi import Scope as AsgiScope
from tests.running import RunningServer, wait_until
from tests.tenants import made_tenant

MONO = (SMALL / "mono-8000.wav").read_bytes()
BEGUN = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'

Begin = Callable[[str], bytes]


@pytest.fixture
def lines() -> Iterator[ExitStack]:
    """The lines on which forms come; all are cut at its end."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def begin(server: RunningServer, lines: ExitStack) -> Begin:
    """Send the head of a form, and its first bytes if it is let in; how that was answered."""

    def send(key: str) -> bytes:
        line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
        line.sendall(
            b"POST /v1/tracks HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
            b"content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n"
            b"authorization: Bearer " + key.encode() + b"\r\n\r\n"
        )
        answer = line.recv(65536)
        while not answer.endswith((b"100 Continue\r\n\r\n", b"}")):
            answer += line.recv(65536)
        if answer.endswith(b"100 Continue\r\n\r\n"):
            line.sendall(BEGUN)
        return answer

    return send


def new_key(deployment: Deployment) -> str:
    with deployment.database.write() as session:
        return api_keys.create_api_key(session, made_tenant(session, new_id()), "a test's")


def test_a_form_too_many_is_sent_away_before_its_master_is_sent(
    begin: Begin, lines: ExitStack, beside: Deployment
) -> None:
    """One tenant has half of the turns at most; who hangs up gives its turns back."""
    one, other, third = (new_key(beside) for _ in range(3))

    assert {begin(one) for _ in range(OF_A_TENANT)} == {b"HTTP/1.1 100 Continue\r\n\r\n"}
    too_many = begin(one)
    assert {begin(other) for _ in range(OF_A_TENANT)} == {b"HTTP/1.1 100 Continue\r\n\r\n"}
    full = begin(third)
    lines.close()

    for refused in (too_many, full):
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b'"code": "forms_full"' in refused
        assert b"retry-after: 1\r\n" in refused
    wait_until(lambda: begin(third).endswith(b" 100 Continue\r\n\r\n"))


def test_eight_masters_of_one_tenant_come_at_once_again_and_again(
    server: RunningServer, beside: Deployment
) -> None:
    """Whether they are taken in or refused: a turn that is over is free."""
    headers = {"authorization": f"Bearer {new_key(beside)}"}
    with (
        httpx.Client(base_url=server.url, headers=headers, timeout=30) as client,
        ThreadPoolExecutor(8) as senders,
    ):

        def send(number: int) -> int:
            name = "no-master" if number % 8 else "file"
            return client.post("/v1/tracks", files={name: ("a.wav", MONO)}).status_code

        answers = list(senders.map(send, range(64)))

    assert answers == [202, *[422] * 7] * 8


def test_who_hears_an_answer_may_send_the_next_form_at_once() -> None:
    """Though what was sent is still being put away."""
    heard: asyncio.Queue[Message] = asyncio.Queue()
    put_away = asyncio.Event()

    async def slow_to_end(_scope: AsgiScope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await put_away.wait()

    async def receive() -> Message:
        raise AssertionError

    async def ask() -> None:
        holder = KeyHolder(tenant_id="one", key_id="k", scopes=frozenset(Scope))
        guard = UploadGuard(slow_to_end, lambda _authorization: holder, 1000)
        async with asyncio.TaskGroup() as asked:
            for _ in range(OF_A_TENANT + 1):
                scope = {"type": "http", "method": "POST", "path": "/v1/tracks", "headers": []}
                asked.create_task(guard(scope, receive, heard.put))
                assert (await heard.get())["status"] == 202
            put_away.set()

    asyncio.run(ask())


def test_a_turn_is_given_back_whatever_became_of_it() -> None:
    turns = FormTurns()
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="no master"), turns.one_of("one"):
            raise ValueError("no master")

    with ExitStack() as taken:
        for _ in range(OF_A_TENANT):
            taken.enter_context(turns.one_of("one"))
        with pytest.raises(Unavailable, match=f"found {OF_A_TENANT} masters of the tenant"):
            taken.enter_context(turns.one_of("one"))
        with turns.one_of("other"):
            pass
