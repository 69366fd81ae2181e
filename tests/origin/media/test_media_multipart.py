"""Several ranges in one answer (RFC 9110 §14.6), read back by Python's own MIME parser."""

import email
from email.message import Message

import httpx
import pytest

from tests.origin.listening import Listener

CHUNK = "aac-160/0.m4s"
WHOLE = "aac-320.mp4"


def parts_of(answer: httpx.Response) -> list[tuple[str, bytes]]:
    """Content-Range and body of every part."""
    head = f"content-type: {answer.headers['content-type']}\r\n\r\n".encode()
    message: Message = email.message_from_bytes(head + answer.content)
    assert message.get_content_type() == "multipart/byteranges"
    parts = []
    for part in message.get_payload():
        assert isinstance(part, Message)
        assert part["content-type"] == "audio/mp4"
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        parts.append((str(part["content-range"]), body))
    return parts


@pytest.mark.parametrize("address", [CHUNK, WHOLE])
def test_every_part_is_its_range_in_the_order_asked_for(listener: Listener, address: str) -> None:
    whole = listener.get(address).content
    size = len(whole)

    answer = listener.get(address, {"range": "bytes=500-599, 0-0, -7"})

    assert answer.status_code == 206
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "content-range" not in answer.headers
    assert parts_of(answer) == [
        (f"bytes 500-599/{size}", whole[500:600]),
        (f"bytes 0-0/{size}", whole[:1]),
        (f"bytes {size - 7}-{size - 1}/{size}", whole[-7:]),
    ]


def test_one_range_that_is_left_of_several_is_an_answer_of_one_part(listener: Listener) -> None:
    answer = listener.get(CHUNK, {"range": "bytes=0-9,99999999-"})

    assert answer.status_code == 206
    assert answer.headers["content-range"].startswith("bytes 0-9/")
    assert answer.content == listener.get(CHUNK).content[:10]


@pytest.mark.parametrize(
    "asked", ["0-,0-", "0-0," * 17, ",".join(f"{n}-" for n in range(16)), "-1000000,0-0"]
)
def test_a_set_that_would_cost_more_than_the_whole_gets_the_whole(
    listener: Listener, asked: str
) -> None:
    answer = listener.get(CHUNK, {"range": f"bytes={asked}"})

    assert (answer.status_code, answer.content) == (200, listener.get(CHUNK).content)


def test_if_range_with_another_tag_gets_no_parts(listener: Listener) -> None:
    answer = listener.get(CHUNK, {"range": "bytes=0-0,5-5", "if-range": '"another"'})

    assert answer.status_code == 200
