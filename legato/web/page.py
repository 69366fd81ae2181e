"""The page that plays, and the API's documentation, as static files under a strict policy."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from legato.origin.asgi import ERRORS_PATH
from legato.web.errors_page import errors_page

STATIC: Final = Path(__file__).parent / "static"
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


def add_page(app: FastAPI) -> None:
    """Answer whatever no route of the API does."""

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

    @app.get(ERRORS_PATH, include_in_schema=False)
    def errors() -> HTMLResponse:
        return HTMLResponse(errors_page())

    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
