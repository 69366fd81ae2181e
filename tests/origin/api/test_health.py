"""`/readyz`: whoever does not know what is denied serves nobody."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from legato.deployment import Deployment
from legato.origin.api.errors import install_errors
from legato.origin.api.health import health_router
from legato.origin.grants.denials import Denials


@pytest.mark.parametrize(("age_s", "status"), [(0, 200), (60, 200), (61, 503), (None, 503)])
def test_a_process_is_ready_while_it_knows_what_is_denied(
    deployment: Deployment, age_s: float | None, status: int
) -> None:
    now_s = 0.0
    denials = Denials(clock=lambda: now_s)
    if age_s is not None:
        denials.replace([])
        now_s = age_s
    app = FastAPI()
    app.include_router(health_router(deployment, denials))
    install_errors(app)

    ready, alive = (ask(app, path) for path in ("/readyz", "/healthz"))

    assert (ready.status_code, alive.status_code) == (status, 200)
    assert status == 200 or ready.json()["code"] == "denials_stale"
    assert ready.headers.get("retry-after") == (None if status == 200 else "1")


def ask(app: FastAPI, path: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://origin") as client:
            return await client.get(path)

    return asyncio.run(get())
