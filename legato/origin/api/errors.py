"""Errors of the API as problem details (RFC 9457), with the status that fits."""

from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from legato.errors import LegatoError, http_status
from legato.origin.asgi import PROBLEM_TYPE, error_content, error_fields

_CODES: Final = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large"}

log = structlog.get_logger()


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    where: str
    message: str


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
        problems = [
            FieldProblem(where=".".join(map(str, one["loc"])), message=one["msg"]).model_dump()
            for one in error.errors()
        ]
        first = "{where}: {message}".format_map(problems[0])
        return _error(422, "bad_request", first, errors=problems)

    describe = app.openapi
    app.openapi = lambda: _with_problems(describe())  # type: ignore[method-assign]


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
