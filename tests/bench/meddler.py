"""A proxy between a listener and legato that does to answers what a bad day does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web


@dataclass(slots=True, kw_only=True)
class Answer:
    """One that breaks off promises a byte more than it has."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False


Meddle = Callable[[str, Answer], Awaitable[Answer]]
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def meddler(origin_url: str, meddle: Meddle) -> AsyncIterator[str]:
    """The URL of a proxy whose answers are what `meddle` makes of a path and its right answer."""
    async with ClientSession(headers={"accept-encoding": "identity"}) as http:

        async def pass_on(request: web.BaseRequest) -> web.StreamResponse:
            headers = {"authorization": request.headers.get("authorization", "")}
            url = origin_url + request.path_qs
            async with http.request(request.method, url, headers=headers) as answer:
                passed = Answer(status=answer.status, body=await answer.read())
            return await _send(request, await meddle(request.path, passed))

        async with serving(pass_on) as url:
            yield url


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The URL of a server that answers everything with `handler`."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def _send(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body) + answer.breaks_off
    await response.prepare(request)
    await response.write(answer.body)
    if answer.breaks_off and request.transport is not None:
        request.transport.close()
    return response
