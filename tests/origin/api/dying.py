"""A server whose API dies where it is told to: `python -m tests.origin.api.dying DATA PORT`.

Everything in it is legato's own; between what keeps answers and the API stands one layer that ends
the process with SIGKILL, before the API is asked (`x-die: asked`) or once it has answered, and
nobody has heard of that yet (`x-die: answered`).
"""

import os
import signal
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from legato.deployment import Deployment
from legato.origin.api.errors import install_errors
from legato.origin.api.idempotency import Idempotency
from legato.origin.api.tracks import tracks_router
from legato.origin.asgi import App, Message, Receive, Scope, Send, request_headers
from legato.settings import Settings


def once(deployment: Deployment, *, dying: bool = False) -> App:
    """The API's tracks behind idempotency keys."""
    api = FastAPI()
    api.include_router(tracks_router(deployment))
    install_errors(api)
    return Idempotency(Dying(api) if dying else api, deployment)


class Dying:
    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        when = request_headers(scope).get(b"x-die")

        async def say(message: Message) -> None:
            if when == b"answered":
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        if when == b"asked":
            os.kill(os.getpid(), signal.SIGKILL)
        await self._app(scope, receive, say)


def settings_of(data: Path) -> Settings:
    return Settings(data=data, _env_file=None)


if __name__ == "__main__":
    app = once(Deployment(settings_of(Path(sys.argv[1]))), dying=True)
    uvicorn.run(app, port=int(sys.argv[2]), log_level="critical", lifespan="off")
