"""What is no upload has a small body that keeps coming, or is refused before it is read."""

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from legato.origin.api.body_guard import MOST_BYTES, BodyGuard
from legato.origin.asgi import Message, Receive, Scope, Send
from tests.running import RunningServer

TEN_MB = 10_000_000
BLOCK = bytes(64 << 10)
HEAD = "POST /v1/keys HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


def answer_to(server: RunningServer, request: bytes) -> bytes:
    """All that is answered to what has been sent, until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads whole bodies, and answers also whom it takes for gone."""
    while (message := await receive()).get("more_body", False):
        pass
    status = 400 if message["type"] == "http.disconnect" else 204
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def guarded(
    body: Iterator[bytes], *, method: str = "POST", path: str = "/v1/keys"
) -> tuple[int, str | None]:
    """Status and code that are answered to a body, of which nothing more comes at its end."""
    sent: list[Message] = []

    async def receive() -> Message:
        for block in body:
            return {"type": "http.request", "body": block, "more_body": block != b""}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    asyncio.run(BodyGuard(reading, stall_s=0.05)(scope, receive, send))
    start, *rest = sent
    content = b"".join(one["body"] for one in rest)
    return start["status"], json.loads(content)["code"] if content else None


def test_ten_megabytes_without_a_key_are_refused_before_they_are_sent(
    server: RunningServer,
) -> None:
    answer = answer_to(server, f"{HEAD}content-length: {TEN_MB}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


def test_ten_megabytes_in_pieces_are_refused_before_they_have_all_come(
    server: RunningServer,
) -> None:
    head = f"{HEAD}transfer-encoding: chunked\r\n\r\n{TEN_MB:x}\r\n"

    answer = answer_to(server, head.encode() + bytes(MOST_BYTES + 1))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


def test_no_more_is_taken_of_a_body_than_may_be() -> None:
    blocks = iter([BLOCK] * 160)

    assert guarded(blocks) == (413, "too_large")
    assert len(list(blocks)) == 160 - MOST_BYTES // len(BLOCK) - 1


def test_as_much_as_may_be_is_passed_on() -> None:
    blocks = [BLOCK] * (MOST_BYTES // len(BLOCK))

    assert guarded(iter([*blocks, b""])) == (204, None)


def test_a_body_that_stops_coming_is_refused() -> None:
    assert guarded(iter([b'{"label":'])) == (408, "body_stalled")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/uploads/x"), ("GET", "/v1/uploads/x"), ("PATCH", "/v1/uploadsANYTHING/x")],
)
def test_what_only_begins_like_an_upload_is_none(method: str, path: str) -> None:
    assert guarded(iter([BLOCK] * 160), method=method, path=path) == (413, "too_large")
    assert guarded(iter([BLOCK]), method=method, path=path) == (408, "body_stalled")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/tracks"), ("PUT", "/v1/tracks/x/audio"), ("PUT", "/v1/tracks/x/artwork"),
        ("POST", "/v1/uploads"), ("PATCH", "/v1/uploads/x"),
    ],
)  # fmt: skip
def test_masters_and_images_have_bounds_of_their_own(method: str, path: str) -> None:
    blocks = iter([BLOCK] * 160 + [b""])

    assert guarded(blocks, method=method, path=path) == (204, None)
