"""What is wrong with the fields of a request, in words that say what to do."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel

# Of pydantic's sentences, those that name its types or Python's; by the type of error.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "found nothing, expected it",
    "too_short": "found {actual_length} of them, expected at least {min_length}",
    "too_long": "found {actual_length} of them, expected at most {max_length}",
    "extra_forbidden": "no such field",
}


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    where: str
    message: str


def field_problems(errors: Iterable[Mapping[str, Any]]) -> list[FieldProblem]:
    """The errors that pydantic and our own forms found."""
    return [_problem(one) for one in errors]


def _problem(error: Mapping[str, Any]) -> FieldProblem:
    if error["type"] == "json_invalid":
        return _no_json(error)
    where = ".".join(map(str, error["loc"]))
    sentence = _SENTENCES.get(error["type"])
    message = sentence.format_map(error.get("ctx", {})) if sentence else error["msg"]
    return FieldProblem(where=where, message=message)


def _no_json(error: Mapping[str, Any]) -> FieldProblem:
    where, at = error["loc"]
    why = error["ctx"]["error"]
    return FieldProblem(where=where, message=f"this is no JSON: character {at}: {why}")
