"""What tests of an origin behind an edge say of its answers."""

from collections.abc import Callable
from subprocess import CompletedProcess

import httpx

from tests.origin.listening import Listener
from tests.running import wait_until

IN_FORCE_S = 5
EDGE_SECRET = "the-secret-of-the-edge"  # noqa: S105 - of nobody
CHUNK = "aac-96/0.m4s"
Legato = Callable[..., CompletedProcess[str]]


def wait_for(listener: Listener, status: int) -> httpx.Response:
    """The first answer with this status, which must come as soon as is promised."""
    return wait_until(
        lambda: answer if (answer := listener.get(CHUNK)).status_code == status else None,
        timeout_s=IN_FORCE_S,
    )


def refusal(answer: httpx.Response) -> str:
    code: str = answer.json()["code"]
    return code
