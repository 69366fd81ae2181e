"""Errors of the API as problem details (RFC 9457), with the status that fits."""

from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from legato.errors import LegatoError, http_status
from legato.origin.api.methods import methods_at
from legato.origin.api.wrong_fields import FieldProblem, field_problems
from legato.origin.asgi import PROBLEM_TYPE, error_content, error_fields

_CODES: Final = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large"}

_API: Final = "/v1/"

log = structlog.get_logger()


class ProblemView(BaseModel):
    """A problem detail (RFC 9457 §3). `code` never changes its meaning; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = Field(
        default=None, description="With 422: what is wrong, field by field"
    )


def install_errors(app: FastAPI) -> None:
    """Answer our own errors, the framework's and the unforeseen in one form, and describe it."""

    @app.exception_handler(LegatoError)
    def answer_error(_request: Request, error: LegatoError) -> JSONResponse:
        status = http_status(error)
        return _error(status, error.code, error.message)

    @app.exception_handler(HTTPException)
    def answer_http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code in (404, 405) and request.url.path.startswith(_API):
            return _not_there(request, methods_at(app.routes, request.scope))
        code = _CODES.get(error.status_code, "bad_request")
        headers = dict(error.headers or {})
        return _error(error.status_code, code, str(error.detail), headers)

    @app.exception_handler(Exception)
    def answer_unknown(_request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", exc_info=error)
        return _error(500, "internal", "this could not be done; the operator's log says why")

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = field_problems(error.errors())
        first = f"{problems[0].where}: {problems[0].message}"
        return _error(422, "bad_request", first, errors=[one.model_dump() for one in problems])

    describe = app.openapi
    app.openapi = lambda: _with_problems(describe())  # type: ignore[method-assign]


def _not_there(request: Request, methods: list[str]) -> JSONResponse:
    """The page's files lie below everything: of the API's paths they say what is not so."""
    if not methods:
        return _error(404, "no_such_path", f"{request.url.path[:200]}: not a path of the API")
    allow = ", ".join(methods)
    detail = f"{request.method}: expected {allow}"
    return _error(405, "method_not_allowed", detail, {"allow": allow})


def _error(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    return JSONResponse(
        {**error_content(code, detail, status), **more},
        status_code=status,
        headers={**dict(error_fields(code, status)), **(headers or {})},
        media_type=PROBLEM_TYPE,
    )


def _with_problems(description: dict[str, Any]) -> dict[str, Any]:
    """The API's description with the form that every answer from 400 on has."""
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    form = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**form.pop("$defs"), "Problem": form}
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in description["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers.setdefault("default", {"description": "A problem detail: see /docs/errors"})
            for status, answer in answers.items():
                if status == "default" or status >= "400":
                    answer["content"] = content
    return description
