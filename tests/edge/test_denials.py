"""Denials reach the edge within seconds; and what it does when the list of them is old."""

import time
from pathlib import Path

import httpx

from legato.catalog.denials import DenialKind
from tests.edge.conftest import SECRET
from tests.edge.listening import CHUNK, grant_id, listener_of
from tests.edge.origin import allow, away, deny
from tests.origin.listening import Listener, keys_of
from tests.running import ReadyTrack, RunningServer, wait_until
from tests.servers.nginx import NginxEdge

WITHIN_S = 5
OLD_S = 3600


def is_denied(listener: Listener) -> bool:
    answer = listener.get(CHUNK)
    return answer.status_code == 403 and answer.json()["code"] == "denied_grant"


def test_a_denied_grant_is_refused_within_seconds_though_it_was_remembered(
    listener: Listener, server: RunningServer, web: httpx.Client
) -> None:
    other = listener_of(server, listener.track, web)
    assert listener.get(CHUNK).status_code == other.get(CHUNK).status_code == 200
    deny(server, DenialKind.GRANT, grant_id(listener))
    wait_until(lambda: is_denied(listener), WITHIN_S)
    assert other.get(CHUNK).headers["x-cache"] == "HIT"

    allow(server, DenialKind.GRANT, grant_id(listener))
    wait_until(lambda: listener.get(CHUNK).status_code == 200, WITHIN_S)


def test_a_denied_track_refuses_the_grants_of_its_time_and_no_later_one(
    listener: Listener, server: RunningServer, web: httpx.Client
) -> None:
    track = listener.track
    assert listener.get(CHUNK).status_code == 200
    deny(server, DenialKind.TRACK, track.track_id)
    denied_at_s = int(time.time())
    try:
        wait_until(lambda: is_denied(listener), WITHIN_S)
        wait_until(lambda: int(time.time()) > denied_at_s)
        assert listener_of(server, track, web).get(CHUNK).status_code == 200
    finally:
        allow(server, DenialKind.TRACK, track.track_id)
    wait_until(lambda: listener.get(CHUNK).status_code == 200, WITHIN_S)


def test_with_an_old_list_the_origin_is_asked_and_the_cache_still_answers(
    own_edge: tuple[NginxEdge, Listener], server: RunningServer
) -> None:
    edge, listener = own_edge
    edge.age_list(OLD_S)
    assert listener.get(CHUNK).headers["x-cache"] == "HIT"
    assert listener.get(CHUNK, {"range": "bytes=5-9"}).status_code == 206
    assert listener.get("index.m3u8").status_code == 200

    deny(server, DenialKind.GRANT, grant_id(listener))  # of which this edge is not told
    wait_until(lambda: is_denied(listener), WITHIN_S)
    assert httpx.get(f"{edge.admin_url}/edge/status").json()["denials_age_s"] > OLD_S


def test_with_an_old_list_and_no_origin_what_is_cached_plays_on(
    own_edge: tuple[NginxEdge, Listener], server: RunningServer, track: ReadyTrack
) -> None:
    edge, listener = own_edge
    denied = listener_of(server, track, listener.web)
    deny(server, DenialKind.GRANT, grant_id(denied))
    wait_until(lambda: is_denied(denied), WITHIN_S)
    edge.age_list(OLD_S)
    with away(server):
        assert listener.get(CHUNK).headers["x-cache"] == "HIT"
        assert listener.get("vorbis-160/1.ogg").status_code == 503
        assert is_denied(denied)  # the last list counts


def test_an_edge_that_never_had_a_list_asks_the_origin(
    server: RunningServer, track: ReadyTrack, tmp_path: Path
) -> None:
    with (
        NginxEdge(tmp_path, "http://127.0.0.1:9", keys_of(server), secret=SECRET) as edge,
        httpx.Client(base_url=edge.url) as web,
    ):
        assert httpx.get(f"{edge.admin_url}/edge/status").json() == {"denials_age_s": None}
        assert listener_of(server, track, web).code(CHUNK) == (503, "origin_away")


def test_what_cannot_be_judged_is_refused(own_edge: tuple[NginxEdge, Listener]) -> None:
    edge, listener = own_edge
    (edge.denials / "track" / listener.track.track_id).mkdir()  # no denial, and no file to read
    assert listener.code("vorbis-96/0.ogg") == (500, "edge_failed")
