"""The API's tracks: whose they are, in which order they come, and who may play them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from fixtures.edge_cases import SMALL
from tests.running import ReadyTrack, RunningServer
from tests.tenants import key_of

PLAY_FIELDS = {
    "session_id", "base_url", "query", "cookies", "fallbacks", "manifest_url", "hls_url",
    "renditions", "album_loudness", "expires_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def other(server: RunningServer) -> Iterator[httpx.Client]:
    """Another tenant of the same server."""
    made = key_of(server.data, "another label")
    headers = {"authorization": f"Bearer {made}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def refused_id(server: RunningServer) -> str:
    """A track that is not ready, and never will be."""
    uploaded: str = server.upload(SMALL / "not-audio.flac").json()["track_id"]
    assert server.final_track(uploaded)["state"] == "refused"
    return uploaded


def error_of(answer: httpx.Response) -> tuple[int, str]:
    code: str = answer.json()["code"]
    return answer.status_code, code


def test_another_tenants_track_is_not_found(other: httpx.Client, five_seconds: ReadyTrack) -> None:
    path = f"/v1/tracks/{five_seconds.track_id}"

    assert error_of(other.get(path)) == (404, "no_track")
    assert error_of(other.post(f"{path}/play")) == (404, "no_track")


def test_a_tenant_sees_its_own_tracks_only(other: httpx.Client, five_seconds: ReadyTrack) -> None:
    """Also where it has sent the same recording, nothing tells it of the other's."""
    with (SMALL / "not-audio.flac").open("rb") as file:
        own = other.post("/v1/tracks", files={"file": file}).json()

    listed = other.get("/v1/tracks").json()["tracks"]

    assert [track["track_id"] for track in listed] == [own["track_id"]]
    assert five_seconds.track_id not in str(listed)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "no_api_key"),
        ({"authorization": ""}, "no_api_key"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "no_api_key"),
        ({"authorization": "Bearer"}, "no_api_key"),
        ({"authorization": "Bearer lk_wrong"}, "bad_api_key"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/tracks", "/v1/tracks/0123"])
def test_without_a_good_key_nothing_is_told(
    server: RunningServer, path: str, headers: dict[str, str], code: str
) -> None:
    refused = server.web.get(path, headers=headers)

    assert error_of(refused) == (401, code)
    assert refused.headers["www-authenticate"] == "Bearer"


def test_without_a_good_key_nothing_is_taken_or_played(
    server: RunningServer, five_seconds: ReadyTrack
) -> None:
    before = server.api.get("/v1/tracks").json()

    sent = server.web.post("/v1/tracks", files={"file": b"RIFF"})
    played = server.web.post(f"/v1/tracks/{five_seconds.track_id}/play")

    assert (error_of(sent), error_of(played)) == ((401, "no_api_key"), (401, "no_api_key"))
    assert server.api.get("/v1/tracks").json() == before


def test_a_key_may_be_announced_in_any_case(server: RunningServer) -> None:
    headers = {"authorization": f"bEaReR {server.api_key}"}

    assert server.web.get("/v1/tracks", headers=headers).status_code == 200


def test_pages_follow_each_other_to_the_end(
    server: RunningServer, five_seconds: ReadyTrack, six_seconds: ReadyTrack, refused_id: str
) -> None:
    whole = [one["track_id"] for one in server.api.get("/v1/tracks?limit=1000").json()["tracks"]]
    assert {five_seconds.track_id, six_seconds.track_id, refused_id} <= set(whole)

    seen: list[str] = []
    cursor: str | None = None
    while len(seen) <= len(whole):
        page = server.api.get(
            "/v1/tracks", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        assert 1 <= len(page["tracks"]) <= 2
        seen += [track["track_id"] for track in page["tracks"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == whole


def test_a_page_that_holds_all_has_no_next(server: RunningServer, refused_id: str) -> None:
    count = len(server.api.get("/v1/tracks?limit=1000").json()["tracks"])

    exactly = server.api.get(f"/v1/tracks?limit={count}").json()

    assert refused_id in str(exactly)
    assert exactly["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", f"cursor={'a' * 65}"])
def test_a_page_that_cannot_be_is_refused(server: RunningServer, query: str) -> None:
    assert error_of(server.api.get(f"/v1/tracks?{query}")) == (422, "bad_request")


def test_pages_go_on_though_the_track_where_one_ended_is_deleted(
    other: httpx.Client,
) -> None:
    files = {"file": ("a.wav", b"RIFF")}
    ids = [other.post("/v1/tracks", files=files).json()["track_id"] for _ in range(3)]
    whole = [one["track_id"] for one in other.get("/v1/tracks").json()["tracks"]]
    page = other.get(f"/v1/tracks?limit={len(whole) - 1}").json()
    assert page["tracks"][-1]["track_id"] == ids[1]

    other.delete(f"/v1/tracks/{ids[1]}")
    follows = other.get("/v1/tracks", params={"cursor": page["next_cursor"]}).json()

    assert [one["track_id"] for one in follows["tracks"]] == [ids[2]]
    assert ids[1] not in page["next_cursor"]


@pytest.mark.parametrize("cursor", ["0123", "%00", "!", "MTIz", "OTk5OTk5OTk5OTk5OTk5OTk5OS4w"])
def test_a_cursor_that_is_none_is_refused(server: RunningServer, cursor: str) -> None:
    for path in ("tracks", "audit"):
        assert error_of(server.api.get(f"/v1/{path}?cursor={cursor}")) == (400, "bad_cursor")


def test_playing_answers_addresses_that_open(
    server: RunningServer, five_seconds: ReadyTrack
) -> None:
    answer = server.api.post(f"/v1/tracks/{five_seconds.track_id}/play")

    assert answer.status_code == 200
    played = answer.json()
    assert set(played) == PLAY_FIELDS
    assert played["base_url"].startswith(f"{server.url}/t/1.k1.")
    assert played["base_url"].endswith(five_seconds.path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", played["expires_at"])
    for name in ("manifest_url", "hls_url"):
        assert server.web.get(urlsplit(played[name]).path).status_code == 200
    named = [entry.name for entry in five_seconds.manifest.renditions]
    assert played["renditions"] == named


def test_every_playback_is_a_session_of_its_own(
    server: RunningServer, five_seconds: ReadyTrack
) -> None:
    path = f"/v1/tracks/{five_seconds.track_id}/play"

    one, other = (server.api.post(path).json() for _ in range(2))

    assert one["session_id"] != other["session_id"]
    assert one["base_url"] != other["base_url"]


def test_a_track_that_is_not_ready_cannot_be_played(server: RunningServer, refused_id: str) -> None:
    refused = server.api.post(f"/v1/tracks/{refused_id}/play")

    assert error_of(refused) == (409, "not_ready")
    assert "found it refused, expected it ready" in refused.json()["detail"]


def test_a_track_that_is_not_there_cannot_be_played(server: RunningServer) -> None:
    assert error_of(server.api.post("/v1/tracks/0123/play")) == (404, "no_track")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_server_that_is_well_says_so_without_a_key(server: RunningServer, path: str) -> None:
    answer = server.web.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
