"""A player on a page of another origin may press play: CORS on the API (Fetch §3.2)."""

from tests.running import ReadyTrack, RunningServer

PAGE = {"origin": "https://player.example"}


def test_a_preflight_lets_a_page_send_its_token(
    server: RunningServer, five_seconds: ReadyTrack
) -> None:
    asks = {**PAGE, "access-control-request-method": "POST"}
    asks["access-control-request-headers"] = "authorization"

    answer = server.web.options(f"/v1/tracks/{five_seconds.track_id}/play", headers=asks)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


def test_answers_and_refusals_may_be_read_by_it(
    server: RunningServer, five_seconds: ReadyTrack
) -> None:
    path = f"/v1/tracks/{five_seconds.track_id}/play"

    played = server.api.post(path, headers=PAGE)
    refused = server.web.post(path, headers=PAGE)

    assert (played.status_code, refused.status_code) == (200, 401)
    assert played.headers["access-control-allow-origin"] == "*"
    assert refused.headers["access-control-allow-origin"] == "*"
