"""No token reaches a log of the edge, whatever goes wrong."""

import socket
from typing import Any

import pytest

from tests.edge.listening import CHUNK, listener_of
from tests.edge.origin import away
from tests.origin.listening import Listener
from tests.running import RunningServer, wait_until
from tests.servers.nginx import NginxEdge

END = b"\r\nHost: edge\r\nConnection: close\r\n\r\n"


def send(edge: NginxEdge, request: bytes) -> bytes:
    """What comes back for these bytes, until the edge closes the connection."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=15) as connection:
        connection.sendall(request)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def logs(edge: NginxEdge) -> str:
    return edge.access_log + edge.error_log


def entry(edge: NginxEdge, **fields: object) -> dict[str, Any]:
    """The one request that was logged with these fields."""

    def found() -> list[dict[str, Any]]:
        return [one for one in edge.requests() if fields.items() <= one.items()]

    [only] = wait_until(found)
    return only


def test_a_request_is_logged_without_its_token(edge: NginxEdge, listener: Listener) -> None:
    listener.get(f"{CHUNK}?q=secret", {"range": "bytes=3-9", "referer": f"/{listener.token}"})
    logged = entry(edge, range="bytes=3-9")
    assert logged["path"] == f"/t/-{listener.track.path}{CHUNK}"
    assert (logged["status"], logged["cache"], logged["origin_status"]) == (206, "MISS", "200")
    assert listener.token not in logs(edge)
    assert "secret" not in edge.access_log


def test_a_refusal_says_why_in_the_log(edge: NginxEdge, listener: Listener) -> None:
    listener.web.get(f"/t/x{listener.track.path}{CHUNK}", headers={"range": "bytes=4-9"})
    assert entry(edge, range="bytes=4-9")["refused"] == "bad_token"


def test_no_token_is_logged_when_the_origin_is_away(
    edge: NginxEdge, listener: Listener, server: RunningServer
) -> None:
    listener.get("index.m3u8")
    with away(server):
        for address in (CHUNK, "vorbis-160.ogg", "index.m3u8"):
            listener.get(address)
        assert listener.get(CHUNK).status_code == 503
        # as a browser asks for the icon of a signed address that somebody opened in it
        listener.web.get("/favicon.ico", headers={"referer": edge.url + listener.base + CHUNK})
        listener.web.get(f"/mistyped{listener.base}{CHUNK}")
    failed = [one for one in edge.requests() if one["origin_status"] == "502"]
    assert {(one["status"], one["refused"]) for one in failed} >= {(503, "origin_away")}
    assert "/favicon.ico" in {one["path"] for one in failed}
    assert listener.token not in logs(edge)


@pytest.mark.parametrize(
    "request_line",
    [
        "GET {path}%00 HTTP/1.1",
        "GET {path}%zz HTTP/1.1",
        "GET {path} HTTP/9.9",
        "GET {path} nonsense HTTP/1.1",
        "GET{path} HTTP/1.1",
        "TRACE {path} HTTP/1.1",
        "GET {path}/../../../../../../../x HTTP/1.1",
        "GET //t/..{path} HTTP/1.1",
        "GET /elsewhere{path} HTTP/1.1",
        "GET /%74{escaped} HTTP/1.1",
        "GET {path} HTTP/1.1\r\nHost: a\r\nHost: b",
        "GET {path} HTTP/1.1\r\nX: {long}",
        "GET {path}{long} HTTP/1.1",
        "POST {path} HTTP/1.1\r\nContent-Length: nonsense",
        "POST {path} HTTP/1.1\r\nTransfer-Encoding: nonsense",
        "GET {path} HTTP/1.1\r\nRange: bytes=99999999-",
    ],
)
def test_no_token_is_logged_of_a_request_that_is_wrong(
    edge: NginxEdge, listener: Listener, request_line: str
) -> None:
    path = listener.base + CHUNK
    before = len(edge.requests())
    line = request_line.format(path=path, escaped=path[2:], long="x" * 40_000)
    answer = send(edge, line.encode() + END)
    assert answer[9:10] in {b"4", b"5"}
    wait_until(lambda: len(edge.requests()) > before)
    assert listener.token not in logs(edge)
    assert listener.token.rpartition(".")[2] not in logs(edge)


def test_no_token_is_logged_when_a_judgement_fails(
    edge: NginxEdge, listener: Listener, server: RunningServer
) -> None:
    unlucky = listener_of(server, listener.track, listener.web)
    blocked = edge.denials / "track" / listener.track.track_id
    blocked.mkdir()
    try:
        assert unlucky.code("vorbis-96/0.ogg") == (500, "edge_failed")
    finally:
        blocked.rmdir()
    entry(edge, refused="edge_failed")
    assert unlucky.token not in logs(edge)
