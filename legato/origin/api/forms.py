"""Forms: each field that a route has, once, and no other; a file with its name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import File
from starlette.datastructures import UploadFile


async def whole_form(request: Request) -> None:
    """A dependency of a route that takes a form; raises RequestValidationError.

    Without it, of two fields of one name the last would be taken, and what is not known dropped.
    """
    fields = {one.alias: one.field_info for one in request.scope["route"].dependant.body_params}
    sent = (await request.form()).multi_items()
    wrong = [
        {"type": "form", "loc": ("body", name), "msg": message}
        for name, message in _wrong(fields, sent)
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _wrong(fields: Mapping[str, Any], sent: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    names = [name for name, _ in sent]
    for name in dict.fromkeys(names):
        if name not in fields:
            yield name[:80], f"no such field, expected {', '.join(fields)}"
        elif names.count(name) > 1:
            yield name, f"found {names.count(name)} of it, expected one: a form is one track"
    for name, value in sent:
        if isinstance(fields.get(name), File) and not isinstance(value, UploadFile):
            yield name, "found no file name, expected a file that has one (filename=…)"
