"""What RFC 9110 has a server answer: a representation and a request's fields in, an answer out."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from legato.errors import BadInput, LegatoError
from legato.origin.asgi import Headers, encoded, error_answer
from legato.origin.media.byte_ranges import ByteRange, parse_ranges
from legato.origin.media.conditions import if_match_holds, if_none_match_holds, if_range_holds
from legato.origin.media.content_coding import prefers_gzip
from legato.origin.media.representation import CORS, Representation, Resource, Slice, StoredPart

METHODS: Final = "GET, HEAD, OPTIONS"
# Who sends none of these about a stored part gets all of it.
ASKS_MORE: Final = frozenset({b"range", b"if-match", b"if-none-match"})
_PREFLIGHT: Final = encoded(
    [
        *CORS,
        ("access-control-allow-methods", METHODS),
        ("access-control-allow-headers", "range, if-range, if-none-match, if-match"),
        ("access-control-max-age", "86400"),
        ("allow", METHODS),
    ]
)

log = structlog.get_logger()


class Answer(NamedTuple):
    """A response; its body is these bytes one after another."""

    status: int
    headers: Headers
    body: tuple[bytes | Slice, ...] = ()


def respond(method: str, fields: Mapping[bytes, bytes], resource: Resource) -> Answer:
    """The answer to a GET or HEAD, its preconditions in the order of §13.2.2."""
    chosen = resource.plain
    if resource.gzipped is not None and prefers_gzip(_field(fields, b"accept-encoding")):
        chosen = resource.gzipped
    if not if_match_holds(_field(fields, b"if-match"), chosen.etag):
        error = BadInput("precondition_failed", f"if-match: found another tag than {chosen.etag}")
        return refusal(error)
    if not if_none_match_holds(_field(fields, b"if-none-match"), chosen.etag):
        return Answer(status=304, headers=chosen.common)
    ranges: tuple[ByteRange, ...] = ()
    # Range is defined for GET alone (§14.2), and playlists come whole.
    if method == "GET" and b"range" in fields and isinstance(chosen.content, StoredPart):
        try:
            if if_range_holds(_field(fields, b"if-range"), chosen.etag):
                ranges = parse_ranges(_field(fields, b"range"), chosen.size)
        except BadInput as error:
            return _not_satisfiable(error, chosen)
    return _content(chosen, ranges)


def _content(chosen: Representation, ranges: Sequence[ByteRange]) -> Answer:
    """All of it, one part of it, or several (§15.3.7)."""
    if not ranges or isinstance(chosen.content, bytes):
        return Answer(status=200, headers=chosen.whole, body=chosen.body)
    if len(ranges) == 1:
        [only] = ranges
        described = encoded(
            [
                ("content-type", chosen.media_type),
                ("content-length", str(only.size)),
                ("content-range", only.content_range(chosen.size)),
            ]
        )
        body = (Slice(part=chosen.content, start=only.start, end=only.end),)
        return Answer(status=206, headers=described + chosen.common, body=body)
    return _multipart(chosen, chosen.content, ranges)


def _multipart(chosen: Representation, stored: StoredPart, ranges: Sequence[ByteRange]) -> Answer:
    """`multipart/byteranges` (§14.6)."""
    asked = f"{chosen.etag}{ranges}".encode()
    boundary = hashlib.sha256(asked).hexdigest()[:40]
    body: list[bytes | Slice] = []
    for one in ranges:
        head = (
            f"\r\n--{boundary}\r\ncontent-type: {chosen.media_type}\r\n"
            f"content-range: {one.content_range(chosen.size)}\r\n\r\n"
        )
        body += [head.encode(), Slice(part=stored, start=one.start, end=one.end)]
    body.append(f"\r\n--{boundary}--\r\n".encode())
    length = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in body)
    described = [
        ("content-type", f"multipart/byteranges; boundary={boundary}"),
        ("content-length", str(length)),
    ]
    return Answer(status=206, headers=encoded(described) + chosen.common, body=tuple(body))


def preflight() -> Answer:
    """A CORS preflight, which asks nothing of the address itself."""
    return Answer(status=204, headers=_PREFLIGHT)


def _not_satisfiable(error: BadInput, chosen: Representation) -> Answer:
    answer = refusal(error)
    there = encoded([("content-range", f"bytes */{chosen.size}"), ("accept-ranges", "bytes")])
    return Answer(status=answer.status, headers=answer.headers + there, body=answer.body)


def refusal(error: LegatoError) -> Answer:
    """An error, which any player may read."""
    status, headers, body = error_answer(error)
    if status >= 500:
        log.error("media_failed", code=error.code, error=error.message)
    more = [
        *CORS,
        *([("allow", METHODS)] if status == 405 else []),
    ]
    return Answer(status=status, headers=headers + encoded(more), body=(body,))


def _field(fields: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = fields.get(name)
    return value.decode("latin-1") if value is not None else None
