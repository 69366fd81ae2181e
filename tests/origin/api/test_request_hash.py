"""A request's hash depends on all that is asked, and on nothing of how it was sent."""

import asyncio
import re
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from legato.origin.api.request_hash import HashedRequest
from legato.origin.asgi import Message

FORM = (
    b"--{b}\r\ncontent-disposition: form-data; name=a\r\n\r\none\r\n"
    b"--{b}\r\ncontent-disposition: form-data; name=file; filename=x\r\n\r\n--tw\r\n--o-\r\n"
    b"--{b}--\r\n"
)


def hashed(
    blocks: Sequence[bytes], *, path: str = "/v1/tracks", fields: dict[bytes, bytes] | None = None
) -> str:
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in blocks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0)

    scope = {
        "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": list((fields or {}).items()),
    }  # fmt: skip
    request = HashedRequest(scope, receive)
    assert asyncio.run(request.read())
    return request.digest()


def form(boundary: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    fields = {b"content-type": b"multipart/form-data; boundary=" + boundary}
    return FORM.replace(b"{b}", boundary), fields


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(bounds)]


@given(
    st.lists(st.integers(0, 10_000), max_size=12),
    st.text("ab-", min_size=1, max_size=8).filter(lambda text: text.strip("-")),
)
def test_neither_the_blocks_nor_the_boundary_count(places: list[int], boundary: str) -> None:
    body, fields = form(b"----" + boundary.encode() + b"0123456789")

    usual = form(b"usual-boundary")
    assert hashed(cut(body, places), fields=fields) == hashed([usual[0]], fields=usual[1])


@given(st.binary(max_size=200), st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_two_bodies_hash_the_same_only_if_they_are(
    one: bytes, other: bytes, places: list[int]
) -> None:
    assert (hashed(cut(one, places)) == hashed([other])) == (one == other)


def test_every_byte_of_a_form_counts() -> None:
    body, fields = form(b"XYZ")
    between = set(range(len(body)))
    for found in re.finditer(b"--XYZ", body):
        between -= set(range(*found.span()))

    changed = [body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in sorted(between)]

    hashes = {hashed([one], fields=fields) for one in (body, *changed)}
    assert len(hashes) == len(between) + 1 > 90


def test_what_stands_in_the_head_counts_too() -> None:
    hashes = {
        hashed([]),
        hashed([], path="/v1/uploads"),
        hashed([], fields={b"content-type": b"application/json"}),
        hashed([], fields={b"upload-length": b"1"}),
        hashed([], fields={b"upload-length": b"2"}),
        hashed([], fields={b"upload-length": b"1", b"upload-metadata": b"title eA=="}),
        hashed([], fields={b"upload-length": b"1", b"x-request-id": b"another"}),
        hashed([], fields={b"if-match": b'"1"'}),
        hashed([], fields={b"x-http-method-override": b"PATCH"}),
    }

    assert len(hashes) == 8


def test_a_request_whose_sender_is_gone_is_not_whole() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"},
    ]  # fmt: skip

    async def receive() -> Message:
        return messages.pop(0)

    scope = {"method": "POST", "path": "/", "query_string": b"", "headers": []}
    request = HashedRequest(scope, receive)

    assert not asyncio.run(request.read())
