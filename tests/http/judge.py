"""The judgement of an answer: what it says against the row, its bytes against those stored."""

import email
import gzip
import json
import re
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from typing import Final

from legato.problems.table import PROBLEMS
from tests.http.fields import DATE, Like, Value
from tests.http.row import Body, Empty, Gzipped, Part, Parts, Refusal, Row, Whole
from tests.http.stands import Stands
from tests.http.wire import Answer

# Of one connection, and not of the answer (RFC 9110 §7.6.1); and who it is that answers.
_HOPS: Final = ("connection", "keep-alive", "server")
_CACHED: Final = (200, 206, 304)
EITHER: Final = Like("MISS or HIT", re.compile("MISS|HIT"))
AGE: Final = Like("seconds", re.compile(r"\d+"))


def differences(answer: Answer, row: Row, stands: Stands, cache: str | None = None) -> list[str]:
    """Where an answer is not the row. `cache` is what nginx must say of its own: MISS or HIT."""
    promised: dict[str, Value] = {"date": DATE, **row.fields.values, **row.also}
    optional: set[str] = set()
    if cache is not None:
        promised, optional = _through_nginx(promised, answer, cache)
    found = [] if answer.status == row.status else [f"status: {answer.status}"]
    found += _in_fields(answer, promised, optional, row, stands)
    if not _is_whole(answer, row.method) or not _is_body(answer, row, stands):
        found.append(f"body: {len(answer.body)} bytes, {answer.body[:200]!r}")
    return found


def _through_nginx(
    promised: Mapping[str, Value], answer: Answer, cache: str
) -> tuple[dict[str, Value], set[str]]:
    """What nginx adds, and what it may leave out: see "Through nginx" in table.py."""
    kept = {name: value for name, value in promised.items() if name != "server-timing"}
    optional = set() if answer.status == HTTPStatus.OK else {"accept-ranges"}
    kept["x-cache"] = cache if answer.status in _CACHED else EITHER
    if answer.status not in _CACHED:
        optional.add("x-cache")
    if cache == "HIT":
        kept["age"] = AGE
        if "vary" not in kept:
            optional.add("age")
    return kept, optional


def _in_fields(
    answer: Answer, promised: Mapping[str, Value], optional: set[str], row: Row, stands: Stands
) -> list[str]:
    """Whatever is promised and not there, there and not promised, or of another value."""
    found = {name: value for name, value in answer.fields.items() if name not in _HOPS}
    missing = promised.keys() - found.keys() - optional
    wrong = [
        name
        for name, value in found.items()
        if name not in promised or not _is_value(promised[name], value, row, stands)
    ]
    return [
        *(f"{name}: not there" for name in missing),
        *(f"{name}: {found[name]}" for name in wrong),
    ]


def _is_value(value: Value, found: str, row: Row, stands: Stands) -> bool:
    if isinstance(value, Like):
        return value.pattern.fullmatch(found) is not None
    return found == stands.fill(value, row)


def _is_whole(answer: Answer, method: str) -> bool:
    """Whether the body is as long as is said; after HEAD, 204 and 304 there is none."""
    if method == "HEAD" or "content-length" not in answer.fields:
        return answer.body == b""
    return len(answer.body) == int(answer.fields["content-length"])


def _is_body(answer: Answer, row: Row, stands: Stands) -> bool:
    body: Body = Empty() if row.method == "HEAD" else row.body
    match body:
        case Refusal():
            return _code(answer) == body.code
        case Parts():
            return _parts(answer) == [
                (stands.media_type, stands.content_range(part), stands.part(part))
                for part in body.parts
            ]
        case Gzipped():
            return gzip.decompress(answer.body) == stands.body
        case Empty():
            return answer.body == b""
        case Whole() | Part():
            return answer.body == stands.part(body if isinstance(body, Part) else Part(0, None))


def _code(answer: Answer) -> str:
    """The stable code of a refusal; nothing where the body is no problem detail of that code."""
    try:
        error = json.loads(answer.body)
    except ValueError:
        return ""
    code = str(error.get("code"))
    expected = {
        "type": f"/docs/errors#{code}",
        "title": PROBLEMS[code].title if code in PROBLEMS else None,
        "status": answer.status,
        "detail": error.get("detail") or "something",
        "code": code,
    }
    return code if error == expected else ""


def _parts(answer: Answer) -> list[tuple[str, str, bytes]]:
    """Content-Type, Content-Range and body of each part, by Python's own MIME parser."""
    head = f"content-type: {answer.fields['content-type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + answer.body).get_payload()
    return [_part(part) for part in parts if isinstance(part, Message)]


def _part(part: Message) -> tuple[str, str, bytes]:
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return str(part["content-type"]), str(part["content-range"]), body
