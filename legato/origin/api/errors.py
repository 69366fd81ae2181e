"""Errors of the API: `{"error": {"code", "message"}}`, with the status that fits."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from legato.errors import LegatoError, http_status
from legato.origin.asgi import error_content

_CODES = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large"}

log = structlog.get_logger()


def install_errors(app: FastAPI) -> None:
    """Answer our own errors, the framework's and the unforeseen in one form."""

    @app.exception_handler(LegatoError)
    def answer_error(_request: Request, error: LegatoError) -> JSONResponse:
        headers = {"www-authenticate": "Bearer"} if http_status(error) == 401 else None
        return _error(http_status(error), error.code, error.message, headers)

    @app.exception_handler(HTTPException)
    def answer_http(_request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "bad_request")
        headers = dict(error.headers or {})
        return _error(error.status_code, code, str(error.detail), headers)

    @app.exception_handler(Exception)
    def answer_unknown(_request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", exc_info=error)
        return _error(500, "internal", "this could not be done; the operator's log says why")

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _error(422, "bad_request", f"{where}: {first['msg']}")


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    sent = {"cache-control": "no-store", **(headers or {})}
    return JSONResponse(error_content(code, message), status_code=status, headers=sent)
