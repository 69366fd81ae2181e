"""Nonsense and malice get a 4xx, and the server goes on serving."""

import socket
from pathlib import Path

import pytest

from tests.origin.listening import Listener
from tests.running import RunningServer

PATHS = [
    "%2e%2e/manifest.json", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fkeys/page-key",
    "../../../../etc/passwd", "..\\..\\etc\\passwd", "aac-160/../../manifest.json",
    "/manifest.json", "//", "aac-160//0.m4s", "aac-160/%00.m4s", "aac-160.mp4%00", "%00",
    "aac-160/0.m4s%0a", "aac-160/0.m4s%0d%0aset-cookie:%20a=b", "%ff%fe", "%c0%ae%c0%ae/x",
    "%ed%a0%80", "caf%C3%A9.mp4", "%F0%9F%8E%B5", "aac-160/%D9%A1.m4s", "%", "%zz", "%2", ";", "?",
    "a" * 6000, "aac-160/" + "9" * 6000 + ".m4s", "index-" + "9" * 6000 + ".m3u8", "/" * 3000,
    "%2e" * 2000, "manifest.json%3Ftoken=x", "aac-160/0.m4s/", "*", "http://elsewhere/",
]  # fmt: skip


def raw(server: RunningServer, target: str, headers: str = "") -> tuple[int, bytes]:
    """Status and body of a GET whose target goes out exactly as it stands here."""
    request = f"GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
        connection.sendall(request.encode("latin-1"))
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            return status, answer.read().partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_address_is_refused(server: RunningServer, listener: Listener, path: str) -> None:
    status, body = raw(server, listener.base + path)

    assert 400 <= status < 500
    assert b"root:" not in body
    assert server.api_key.encode() not in body


@pytest.mark.parametrize("prefix", ["/audio/", "/t/", "/t/x/audio/", "/v1/tracks/", "/"])
@pytest.mark.parametrize("path", [path for path in PATHS if path not in ("//", "?", "/" * 3000)])
def test_a_hostile_address_is_refused_without_a_grant_too(
    server: RunningServer, prefix: str, path: str
) -> None:
    status, body = raw(server, prefix + path)

    assert 400 <= status < 500
    assert b"root:" not in body


@pytest.mark.parametrize(
    "path", ["%00", "%ff", "%ed%a0%80", "?cursor=%00", "?cursor=%ff", "a" * 99]
)
def test_a_hostile_track_id_or_cursor_is_refused(server: RunningServer, path: str) -> None:
    url = "/v1/tracks" + (path if path.startswith("?") else f"/{path}")

    status, _ = raw(server, url, headers=f"authorization: Bearer {server.api_key}\r\n")

    assert status in ((400, 422) if path.startswith("?") else (404, 422))


@pytest.mark.parametrize(
    "headers",
    [
        "range: bytes=\xff-\xfe\r\n", "range: " + "bytes=0-0," * 500 + "\r\n",
        "if-none-match: \xff\r\n", "if-range: \x80\r\n", "if-none-match: " + '"a",' * 1000 + "\r\n",
        "range: bytes=0-0\r\nrange: bytes=1-1\r\n",
    ],
)  # fmt: skip
def test_hostile_headers_break_nothing(
    server: RunningServer, listener: Listener, headers: str
) -> None:
    status, _ = raw(server, listener.base + "aac-96/0.m4s", headers)

    assert status < 500


@pytest.mark.parametrize("key", ["\xff", "é", "x" * 5000, "", " ", "lk_%00"])
def test_a_hostile_key_is_refused(server: RunningServer, key: str) -> None:
    status, _ = raw(server, "/v1/tracks", headers=f"authorization: Bearer {key}\r\n")

    assert status in (400, 401)


def test_a_listener_who_hangs_up_in_the_middle_disturbs_nobody(
    server: RunningServer, listener: Listener
) -> None:
    request = f"GET {listener.base}aac-320.mp4 HTTP/1.1\r\nhost: localhost\r\n\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
            connection.sendall(request.encode())
            connection.recv(100)

    whole = listener.get("aac-320.mp4")

    assert len(whole.content) == Path(listener.track.stored / "aac-320.mp4").stat().st_size
