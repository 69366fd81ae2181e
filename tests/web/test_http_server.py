"""What comes before a request is understood: bounded in size, and in time."""

import asyncio
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from uvicorn.server import ServerState

from legato.origin.asgi import Receive, Scope, Send
from legato.web.http_server import HEAD_BYTES, BoundedHead
from tests.running import RunningServer, is_alive


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("http-server") / "data") as running:
        yield running


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def send_until_refused(connection: socket.socket, piece: bytes) -> tuple[int, bytes]:
    """Send a piece again and again; answers how many bytes went out, and the answer."""
    sent = 0
    try:
        while sent < 100 * HEAD_BYTES:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    try:
        return sent, connection.recv(1000)
    except OSError:  # it was ended while we were still sending
        return sent, b""


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\n", b"x-one-more: and another\r\n" * 40),
        (b"GET /healthz HTTP/1.1\r\nx-long: ", b"a" * 1000),
        (b"GET /", b"a" * 1000),
    ],
    ids=["many fields", "a long field", "a long path"],
)
def test_a_head_that_never_ends_is_refused(
    server: RunningServer, begin: bytes, piece: bytes
) -> None:
    with connect(server) as connection:
        connection.sendall(begin)

        sent, answer = send_until_refused(connection, piece)

    assert sent < 100 * HEAD_BYTES
    assert answer[:12] in (b"HTTP/1.1 400", b"")
    assert server.web.get("/healthz").status_code == 200


def test_what_is_no_request_is_refused_with_a_problem_detail(server: RunningServer) -> None:
    with connect(server) as connection:
        connection.sendall(b"no request\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.split(b"\r\n")
    assert status == b"HTTP/1.1 400 Bad Request"
    assert {
        b"content-type: application/problem+json", b"content-length: %d" % len(body),
        b"cache-control: no-store", b"connection: close",
    } == set(fields)  # fmt: skip
    assert (json.loads(body)["status"], json.loads(body)["code"]) == (400, "bad_request")


class Impatient(BoundedHead):
    head_timeout_s = 0.1


def test_a_head_that_does_not_come_in_time_is_refused() -> None:
    async def ask() -> bytes:
        loop = asyncio.get_running_loop()
        config = uvicorn.Config(nobody_asks, interface="asgi3", lifespan="off", log_config=None)
        server = await loop.create_server(
            lambda: Impatient(config, ServerState(), {}), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: ")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        server.close()
        return answer

    with ThreadPoolExecutor(1) as other_thread:  # the browser's loop may run in this one
        answer = other_thread.submit(lambda: asyncio.run(ask())).result()

    assert answer.startswith(b"HTTP/1.1 400")


async def nobody_asks(scope: Scope, receive: Receive, send: Send) -> None:
    pytest.fail(f"half a request was answered: {scope}, {receive}, {send}")


def test_requests_that_come_in_pieces_or_together_are_answered(server: RunningServer) -> None:
    request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-token: " + b"a" * 8000 + b"\r\n\r\n"
    with connect(server) as connection:
        for at in range(0, len(request), 999):
            connection.sendall(request[at : at + 999])
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")

        last = request.replace(b"host: x", b"host: x\r\nconnection: close")
        connection.sendall(request + request + last)
        answers = b""
        while block := connection.recv(65536):
            answers += block

    assert answers.count(b"HTTP/1.1 200") == 3


def test_a_stop_signal_ends_it_with_status_0_while_connections_are_open(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = RunningServer(tmp_path_factory.mktemp("stopping") / "data").start()
    with connect(server) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")

        assert server.stop() == 0

    assert not is_alive(server.pid)
