"""Covers over HTTP: who may change them, and how they are served."""

import asyncio
import io
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from PIL import Image
from starlette.requests import Request

from fixtures.cover import draw_cover
from fixtures.edge_cases import SMALL
from legato.errors import BadInput
from legato.origin.api.artwork import _body
from legato.origin.asgi import Message
from tests.running import RunningServer, wait_until
from tests.tenants import key_of

PNG = {"content-type": "image/png"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("artwork") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def track_id(server: RunningServer) -> str:
    uploaded: str = server.upload(SMALL / "mono-8000.wav").json()["track_id"]
    return uploaded


@pytest.fixture(scope="module")
def squares(server: RunningServer, track_id: str) -> list[dict[str, object]]:
    """What is shown after an image was sent."""
    sent = server.api.put(
        f"/v1/tracks/{track_id}/artwork", content=draw_cover(0.5, 640), headers=PNG
    )
    assert sent.status_code == 200, sent.text
    found: list[dict[str, object]] = sent.json()["artwork"]
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_image_that_is_sent_is_served_to_anybody_as_squares(
    server: RunningServer, track_id: str, squares: list[dict[str, object]]
) -> None:
    assert [one["size"] for one in squares] == [600, 300, 100]
    for one in squares:
        answer = server.web.get(str(one["url"]))
        assert answer.status_code == 200
        assert Image.open(io.BytesIO(answer.content)).size == (one["size"], one["size"])
    assert server.track(track_id)["artwork"] == squares
    assert server.api.get(f"/v1/tracks/{track_id}/artwork").json() == {"artwork": squares}


def test_a_square_is_served_for_caches_and_other_origins(
    server: RunningServer, squares: list[dict[str, object]]
) -> None:
    url = str(squares[0]["url"])
    whole, head = server.web.get(url), server.web.head(url)

    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert whole.headers["access-control-allow-origin"] == "*"
    assert (head.content, head.headers["content-length"]) == (b"", str(len(whole.content)))
    assert head.headers["etag"] == whole.headers["etag"]
    known = server.web.get(url, headers={"if-none-match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert server.web.options(url).status_code == 204


def test_what_is_no_address_of_a_cover_is_not_found(
    server: RunningServer, squares: list[dict[str, object]]
) -> None:
    url = str(squares[0]["url"])
    for other in (
        "/artwork/", "/artwork/x/600.jpg", url.replace("600", "601"), url.replace("600", "0600"),
        url.replace("/600.jpg", "/../../../keys/page-key"), url + "/", url.replace(".jpg", ".png"),
        f"/artwork/{'0' * 64}/600.jpg", url.replace("600", "6" * 5000), url.replace("600", "%00"),
    ):  # fmt: skip
        assert refusal(server.web.get(other))[0] == 404, other
    assert refusal(server.web.post(url)) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b"no image", ("image/png", 400, "artwork_unreadable")),
        (b"", ("image/png", 400, "artwork_unreadable")),
        (draw_cover(0.1, 50), ("image/png", 400, "artwork_too_small")),
        (bytes((20 << 20) + 1), ("image/jpeg", 413, "artwork_too_large")),
        (draw_cover(0.1, 200), ("image/gif", 415, "artwork_media_type")),
        (draw_cover(0.1, 200), ("multipart/form-data; boundary=x", 415, "artwork_media_type")),
    ],
)
def test_what_is_no_cover_is_refused_and_changes_nothing(
    server: RunningServer, track_id: str, squares: list[dict[str, object]],
    content: bytes, sent: tuple[str, int, str],
) -> None:  # fmt: skip
    media_type, *expected = sent
    headers = {"content-type": media_type}

    refused = server.api.put(f"/v1/tracks/{track_id}/artwork", content=content, headers=headers)

    assert refusal(refused) == tuple(expected)
    assert server.track(track_id)["artwork"] == squares


def test_another_tenant_can_do_nothing_with_it(server: RunningServer, track_id: str) -> None:
    made = key_of(server.data, "another")
    headers = {"authorization": f"Bearer {made}"} | PNG
    path = f"/v1/tracks/{track_id}/artwork"
    image = draw_cover(0.9, 200)
    with httpx.Client(base_url=server.url, headers=headers) as other:
        answers = [other.get(path), other.put(path, content=image), other.delete(path)]

    assert [refusal(answer) for answer in answers] == [(404, "no_track")] * 3
    assert refusal(server.web.put(path, content=image, headers=PNG)) == (401, "no_api_key")


def test_an_artwork_that_is_taken_away_is_shown_no_more(server: RunningServer) -> None:
    track = server.upload(SMALL / "one-sample.wav").json()["track_id"]
    path = f"/v1/tracks/{track}/artwork"
    server.api.put(path, content=draw_cover(0.2, 120), headers=PNG).raise_for_status()

    assert server.api.delete(path).status_code == 204
    assert refusal(server.api.get(path)) == (404, "no_artwork")
    assert server.track(track)["artwork"] is None
    told = [one for one in server.api.get("/v1/audit").json()["entries"] if one["subject"] == track]
    assert [one["action"] for one in told if "artwork" in one["action"]] == [
        "track.artwork_changed", "track.artwork_changed",
    ]  # fmt: skip


def test_a_tenant_has_four_images_on_their_way_and_no_more(
    server: RunningServer, track_id: str
) -> None:
    """Six whose bodies never end: two are refused, and when the rest are gone it may send again."""
    head = (
        f"PUT /v1/tracks/{track_id}/artwork HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\n"
        f"content-length: 1000\r\nauthorization: Bearer {server.api_key}\r\n\r\n"
    )
    with ExitStack() as stack:
        slow = [socket.create_connection(("127.0.0.1", server.port), 15) for _ in range(6)]
        for one in slow:
            stack.enter_context(one)
            one.sendall(head.encode() + b"\x89PNG")
        wait_until(lambda: len(select.select(slow, [], [], 0)[0]) == 2)
        answered = [one.recv(64) for one in select.select(slow, [], [], 0)[0]]

    path = f"/v1/tracks/{track_id}/artwork"
    assert [one.split()[1] for one in answered] == [b"429", b"429"]
    wait_until(lambda: server.api.put(path, content=b"", headers=PNG).status_code == 400)
    assert "Traceback" not in server.log


def test_an_image_that_stops_coming_is_refused() -> None:
    blocks = iter([b"\x89PNG"])

    async def receive() -> Message:
        for block in blocks:
            return {"type": "http.request", "body": block, "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BadInput) as refused:
        asyncio.run(_body(Request({"type": "http"}, receive), stall_s=0.05))

    assert refused.value.code == "body_stalled"
