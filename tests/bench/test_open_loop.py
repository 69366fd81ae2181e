"""An open loop charges a server for everybody whom it keeps waiting."""

import asyncio

from aiohttp import web

from bench.open_loop import Played, offer
from tests.bench.meddler import Handler, serving

RATE, SECONDS = 100, 0.5
TRACKS = ["one", "two"]


def test_latency_counts_from_when_a_request_was_due() -> None:
    """Half as fast as it is asked, it lets the last of 50 wait for half of the time."""
    one_at_a_time = asyncio.Lock()

    async def answer(_request: web.BaseRequest) -> web.Response:
        async with one_at_a_time:
            await asyncio.sleep(2 / RATE)
        return web.Response()

    played = offered_to(answer)

    assert not played.errors
    assert len(played.took.seconds) == 50
    assert played.took.at(1) >= SECONDS
    assert played.took.at(0.5) >= SECONDS / 2


def test_a_refusal_is_an_error() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=503 if "/one/" in request.path else 200)

    assert offered_to(answer).errors == {"503": 25}


def test_a_server_that_is_not_there_is_an_error() -> None:
    played = asyncio.run(offer("http://127.0.0.1:1", "key", TRACKS, RATE, SECONDS))

    assert played.errors == {"ClientConnectorError": 50}


def offered_to(answer: Handler) -> Played:
    async def play() -> Played:
        async with serving(answer) as url:
            return await offer(url, "key", TRACKS, RATE, SECONDS)

    return asyncio.run(play())
