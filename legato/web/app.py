"""The whole server as one ASGI app: media, API, and the page that plays."""

import tempfile
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI

from legato import __version__
from legato.catalog.accounts import api_keys, tenants
from legato.deployment import Deployment
from legato.origin.api.errors import install_errors
from legato.origin.asgi import App, Receive, Scope, Send
from legato.origin.grants.signing_keys import read_or_make
from legato.origin.media.app import PREFIXES
from legato.origin.media.artwork import ARTWORK_PREFIX
from legato.origin.origin import Origin
from legato.storage.durable import FOLDER_MODE
from legato.web.page import add_page

PAGE_KEY_FILE: Final = "page-key"


class Server:
    """Media first: what listeners fetch passes through no other layer."""

    def __init__(
        self, media: App, artwork: App, rest: App, end_streams: Callable[[], None]
    ) -> None:
        self._media = media
        self._artwork = artwork
        self._rest = rest
        self.end_streams = end_streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            await self._media(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(ARTWORK_PREFIX):
            await self._artwork(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def make_server(deployment: Deployment, *, mutual_tls: bool) -> Server:
    """The server of a deployment; `mutual_tls` as for `Origin`."""
    scratch = deployment.settings.scratch
    scratch.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)  # masters are nobody else's
    tempfile.tempdir = str(scratch)  # uploads: not into a /tmp in memory
    origin = Origin(deployment, mutual_tls=mutual_tls)
    app = FastAPI(title="legato", version=__version__, docs_url=None, redoc_url=None)
    for router in origin.routers:
        app.include_router(router)
    install_errors(app)
    add_page(app)
    origin.start()
    media, artwork = origin.make_media(), origin.make_artwork()
    return Server(media, artwork, origin.guard(app), origin.end_streams)


def page_key(deployment: Deployment) -> str:
    """The API key of the page on this machine; made on first use, kept in the data folder."""
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
        fresh = api_keys.new_api_key()
        key = read_or_make(deployment.settings.keys / PAGE_KEY_FILE, fresh + "\n").strip()
        api_keys.register_api_key(session, tenant_id, key, "the page on this machine")
    return key
