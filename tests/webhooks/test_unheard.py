"""Why a receiver was not heard, in words for its tenant."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from legato.errors import Unavailable
from legato.workers.webhooks.post import post
from tests.origin.media.certificates import Authority
from tests.running import free_port
from tests.webhooks.receiver import TlsReceiver

BODY = b"{}"


def why(url: str, timeout_s: float = 5) -> str:
    """What is said of a receiver that could not be called."""

    async def call(resolver: ThreadPoolExecutor) -> None:
        await post(url, {}, BODY, private=True, timeout_s=timeout_s, resolver=resolver)

    with ThreadPoolExecutor(1) as resolver, pytest.raises(Unavailable) as unheard:
        asyncio.run(call(resolver))
    return unheard.value.message


@contextmanager
def answering(answer: bytes, *, after: bytes = b"") -> Iterator[str]:
    """Where whoever connects, and has sent what ends `after` this, is sent an answer and left."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer_one() -> None:
            connection, _ = listening.accept()
            with connection:
                sent = connection.recv(65536)
                while not sent.endswith(after):
                    sent += connection.recv(65536)
                connection.sendall(answer)

        thread = Thread(target=answer_one)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_nobody_listens() -> None:
    assert why(f"http://127.0.0.1:{free_port()}") == "could not connect: refused"


def test_nobody_takes_the_connection() -> None:
    """A queue that is full lets nobody in, and refuses nobody."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(listening.getsockname())

        said = why(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout_s=0.6)

    assert said == "could not connect: timed out"


def test_its_certificate_is_nobodys_that_is_trusted(tmp_path: Path) -> None:
    with TlsReceiver(Authority(tmp_path, "unknown").issue("receiver")) as receiver:
        said = why(receiver.url.replace("http:", "https:"))

    assert said.startswith("could not connect: its certificate is not good (")


def test_it_speaks_no_tls() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as place:
        assert why(f"https://{place}") == "could not connect: no TLS there"


def test_it_speaks_no_http() -> None:
    with answering(b"hello\r\n", after=BODY) as place:
        assert why(f"http://{place}") == "connected, but no answer in HTTP came"


def test_it_hangs_up() -> None:
    with answering(b"", after=BODY) as place:
        assert why(f"http://{place}") == "connected, but no answer in HTTP came"
