"""The whole server as one ASGI app: media, API, and the page that plays."""

import tempfile
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from legato import __version__
from legato.catalog import tenants
from legato.deployment import Deployment
from legato.origin.api.authentication import authenticator
from legato.origin.api.errors import install_errors
from legato.origin.api.health import health_router
from legato.origin.api.playback import playback_router
from legato.origin.api.tracks import tracks_router
from legato.origin.api.upload_guard import UploadGuard
from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.grants.signing_keys import load_signing_keys, read_or_make
from legato.origin.media.app import PREFIXES, MediaApp, Receive, Scope, Send

STATIC: Final = Path(__file__).parent / "static"
PAGE_KEY_FILE: Final = "page-key"
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; media-src 'self' blob: https: http:; connect-src *; "
    "img-src 'self' data: blob:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
)
_DOCS: Final = "/docs"
# Swagger UI is started by a script that stands in its page.
_DOCS_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
)


class Server:
    """Media first: what listeners fetch passes through no other layer."""

    def __init__(self, media: MediaApp, rest: UploadGuard) -> None:
        self._media = media
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            await self._media(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def make_server(deployment: Deployment | None = None) -> Server:
    """The server of a deployment; without one, of the one that the environment names."""
    deployment = deployment or Deployment()
    deployment.settings.scratch.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(deployment.settings.scratch)  # uploads: not into a /tmp in memory
    keys = load_signing_keys(deployment.settings.signing_keys, deployment.settings.keys)
    app = FastAPI(title="legato", version=__version__, docs_url=None, redoc_url=None)
    for router in (
        tracks_router(deployment), playback_router(deployment, keys), health_router(deployment),
    ):  # fmt: skip
        app.include_router(router)
    install_errors(app)
    _add_page(app)
    rest = UploadGuard(app, authenticator(deployment), deployment.settings.max_upload_bytes)
    return Server(MediaApp(deployment.store, PathTokenVerifier(keys)), rest)


def page_key(deployment: Deployment) -> str:
    """The API key of the page on this machine; made on first use, kept in the data folder."""
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
        fresh = tenants.new_api_key()
        key = read_or_make(deployment.settings.keys / PAGE_KEY_FILE, fresh + "\n").strip()
        tenants.register_api_key(session, tenant_id, key, "the page on this machine")
    return key


def _add_page(app: FastAPI) -> None:
    @app.middleware("http")
    async def protect_page(request, call_next) -> Response:  # type: ignore[no-untyped-def]  # noqa: ANN001
        response: Response = await call_next(request)
        policy = _DOCS_POLICY if request.url.path == _DOCS else _CONTENT_SECURITY_POLICY
        response.headers["content-security-policy"] = policy
        response.headers["x-content-type-options"] = "nosniff"
        return response

    @app.get(_DOCS, include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json", title="legato: the API", swagger_favicon_url="icon.svg",
            swagger_js_url="lib/swagger-ui-bundle.js", swagger_css_url="lib/swagger-ui.css",
        )  # fmt: skip

    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
