"""Who may fetch what: every address without a good grant for it is refused, in words."""

import httpx
import pytest

from tests.origin.listening import Listener, listener, token_for
from tests.running import ReadyTrack, RunningServer

CHUNK = "aac-96/0.m4s"


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal; no cache may keep it, and any player may read it."""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    error = answer.json()
    assert error["detail"]
    return answer.status_code, error["code"]


@pytest.mark.parametrize(
    "address", ["manifest.json", "index.m3u8", "aac-160.mp4", CHUNK, "no/such/thing", ""]
)
def test_nothing_is_served_without_a_token(
    server: RunningServer, six_seconds: ReadyTrack, address: str
) -> None:
    assert refusal(server.web.get(six_seconds.path + address)) == (403, "no_token")


def test_an_altered_token_is_refused(server: RunningServer, six_seconds: ReadyTrack) -> None:
    token = token_for(server, six_seconds)
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    richer = token_for(server, six_seconds, highest_bps=160_000).replace(".160.", ".320.")

    for bad in (altered, richer, token.lower(), "x", token + "."):
        answer = server.web.get(f"/t/{bad}{six_seconds.path}{CHUNK}")
        assert refusal(answer) == (403, "bad_token"), bad


def test_a_token_opens_no_other_asset(
    server: RunningServer, six_seconds: ReadyTrack, five_seconds: ReadyTrack
) -> None:
    foreign = token_for(server, five_seconds)

    answer = server.web.get(f"/t/{foreign}{six_seconds.path}{CHUNK}")

    assert refusal(answer) == (403, "bad_token")


def test_a_token_for_an_asset_that_is_not_there_finds_nothing(
    server: RunningServer, six_seconds: ReadyTrack
) -> None:
    absent = ReadyTrack(
        track_id=six_seconds.track_id,
        asset_id="0" * 64,
        stored=six_seconds.stored,
        manifest=six_seconds.manifest,
    )

    assert listener(server, absent).code(CHUNK) == (404, "no_object")


def test_a_token_whose_time_is_over_is_refused(
    server: RunningServer, six_seconds: ReadyTrack
) -> None:
    over = listener(server, six_seconds, ttl_s=-1)

    assert refusal(over.get(CHUNK)) == (403, "expired_token")
    assert refusal(over.get("no/such/thing")) == (403, "expired_token")


FREE = {
    "manifest.json", "index-96.m3u8", "index-160.m3u8",
    *(f"aac-{kbps}{rest}" for kbps in (96, 160) for rest in (".mp4", "/index.m3u8", "/0.m4s")),
    *(f"vorbis-{kbps}{rest}" for kbps in (96, 160) for rest in (".ogg", "/init.ogg", "/0.ogg")),
}  # fmt: skip
PAID = {
    "index.m3u8", "index-320.m3u8", "aac-320.mp4", "aac-320/index.m3u8", "aac-320/init.mp4",
    "aac-320/0.m4s", "vorbis-320.ogg", "vorbis-320/init.ogg", "vorbis-320/1.ogg",
}  # fmt: skip


def test_a_free_listener_gets_all_up_to_160_kbps_and_nothing_above(
    server: RunningServer, six_seconds: ReadyTrack
) -> None:
    free = listener(server, six_seconds, highest_bps=160_000)

    assert {address: free.get(address).status_code for address in FREE} == dict.fromkeys(FREE, 200)
    assert {address: free.code(address) for address in PAID} == dict.fromkeys(PAID, (403, "tier"))


def test_a_conditional_request_opens_no_tier(
    server: RunningServer, six_seconds: ReadyTrack
) -> None:
    free = listener(server, six_seconds, highest_bps=160_000)

    for headers in ({"if-none-match": "*"}, {"range": "bytes=0-1"}):
        assert free.get("aac-320.mp4", headers).status_code == 403
        assert free.head("aac-320.mp4", headers).status_code == 403


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("aac-160/2.m4s", "no_chunk"),
        ("vorbis-96/9999999.ogg", "no_chunk"),
        ("aac-128/0.m4s", "no_rendition"),
        ("opus-96.opus", "no_rendition"),
        ("flac.mp4", "no_rendition"),
        ("vorbis-160/index.m3u8", "no_playlist"),
        ("index-64.m3u8", "no_variant"),
        ("index-161.m3u8", "no_variant"),
        ("aac-160/0.ogg", "no_address"),
        ("aac-160/0", "no_address"),
        ("aac-160/init.ogg", "no_address"),
        ("aac-160/00.m4s", "no_address"),
        ("aac-160/-1.m4s", "no_address"),
        ("aac-160.ogg", "no_address"),
        ("waveform.json", "no_rendition"),
        ("manifest.json/", "no_address"),
        ("MANIFEST.JSON", "no_address"),
        ("aac-160/manifest.json", "no_address"),
        ("index-0.m3u8", "no_rendition"),
    ],
)
def test_what_is_not_there_is_not_found_and_says_what(
    listener: Listener, address: str, code: str
) -> None:
    assert refusal(listener.get(address)) == (404, code)
