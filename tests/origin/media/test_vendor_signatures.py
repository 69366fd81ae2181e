"""A CDN that forwards its own signed addresses: the origin verifies them again."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from fixtures.edge_cases import SMALL
from tests.origin.listening import Listener
from tests.running import ReadyTrack, RunningServer

CHUNK, DEAR = "aac-96/0.m4s", "aac-320/0.m4s"
SETTINGS = {
    "LEGATO_PUBLIC_URL": "https://one.example 1 google-cdn, https://two.example 0 akamai",
    "LEGATO_GOOGLE_CDN_KEY": "key-1:AAECAwQFBgcICQoLDA0ODw==",
    "LEGATO_AKAMAI_KEY": "000102030405060708090a0b0c0d0e0f",
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("vendors") / "data", SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def track(origin: RunningServer) -> ReadyTrack:
    return origin.ready_track(SMALL / "mono-8000.wav")


@pytest.fixture(scope="module")
def played(origin: RunningServer, track: ReadyTrack) -> dict[str, Any]:
    answer: dict[str, Any] = origin.api.post(f"/v1/tracks/{track.track_id}/play").json()
    return answer


def forwarded(origin: RunningServer, base: dict[str, Any], address: str) -> httpx.Response:
    """What the CDN asks of the origin when a player asks it."""
    path = urlsplit(base["base_url"]).path
    return origin.web.get(f"{path}{address}?{base['query']}")


def test_what_each_cdn_signs_the_origin_serves(
    origin: RunningServer, played: dict[str, Any]
) -> None:
    [fallback] = played["fallbacks"]

    assert played["base_url"].startswith("https://one.example/audio/")
    assert fallback["base_url"].startswith("https://two.example/audio/")
    for base in (played, fallback):
        assert forwarded(origin, base, CHUNK).status_code == 200


def test_an_altered_signature_and_another_asset_are_refused(
    origin: RunningServer, played: dict[str, Any]
) -> None:
    altered = {**played, "query": played["query"][:-2] + "AA"}
    other = {**played, "base_url": f"https://one.example/audio/{'0' * 64}/"}

    assert Listener.code_of(forwarded(origin, altered, CHUNK))[0] == 403
    assert Listener.code_of(forwarded(origin, other, CHUNK))[0] == 403


def test_without_a_signature_nothing_is_served(origin: RunningServer, track: ReadyTrack) -> None:
    assert Listener.code_of(origin.web.get(track.path + CHUNK)) == (403, "no_token")
