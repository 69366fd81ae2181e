"""Listeners at the edge, and requests that no client of ours would make."""

import http.client
import json
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import new_grant
from tests.origin.listening import HIGHEST_BPS, Listener, keys_of, token_for
from tests.running import ReadyTrack, RunningServer

CHUNK = "vorbis-160/0.ogg"


def listener_of(
    server: RunningServer,
    track: ReadyTrack,
    web: httpx.Client,
    *,
    highest_bps: int = HIGHEST_BPS,
    ttl_s: int = 3600,
) -> Listener:
    """Somebody with a grant of their own."""
    token = token_for(server, track, highest_bps=highest_bps, ttl_s=ttl_s)
    return Listener(web=web, track=track, token=token)


def bound_listener(
    server: RunningServer,
    track: ReadyTrack,
    web: httpx.Client,
    *,
    address: str | None = None,
    country: str | None = None,
) -> Listener:
    """Somebody whose grant is for one address or country."""
    grant = new_grant(
        track_id=track.track_id,
        asset_id=track.asset_id,
        expires_at_s=int(time.time()) + 3600,
        highest_bps=HIGHEST_BPS,
        client_address=ip_address(address) if address is not None else None,
        country=country,
    )
    return Listener(web=web, track=track, token=write_path_token(grant, keys_of(server)))


def grant_id(listener: Listener) -> str:
    return listener.token.split(".")[4]


def as_sent(url: str, target: str, method: str = "GET") -> tuple[int, str]:
    """The status and the error's code for a request target that is sent as it is written."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=15)
    try:
        connection.putrequest(method, target)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(body)["code"] if answer.status >= 400 else ""
