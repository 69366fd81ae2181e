"""Deleting a track and replacing its audio, over HTTP and while it is being listened to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.edge_cases import SMALL
from tests.origin.listening import Listener, listener
from tests.running import ReadyTrack, RunningServer, wait_until


@pytest.fixture
def own(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    """A track of one's own, on audio that others have too."""
    return server.ready_track(edge_case("exactly-5-seconds.flac"), title="Mine")


def replace(server: RunningServer, track_id: str, master: Path) -> httpx.Response:
    with master.open("rb") as file:
        files = {"file": (master.name, file)}
        return server.api.put(f"/v1/tracks/{track_id}/audio", files=files)


def replaced(server: RunningServer, track_id: str) -> dict[str, Any]:
    """The track as soon as nothing more happens to its new audio."""

    def over() -> bool:
        new = server.track(track_id)["replacement"]
        return new is None or new["state"] in ("refused", "failed")

    wait_until(over, timeout_s=60)
    return server.track(track_id)


def test_a_deleted_track_is_gone_and_another_on_its_audio_plays_on(
    server: RunningServer, own: ReadyTrack, five_seconds: ReadyTrack
) -> None:
    others: Listener = listener(server, five_seconds)
    mine = listener(server, own)
    assert own.asset_id == five_seconds.asset_id
    assert mine.get("manifest.json").status_code == 200
    path = f"/v1/tracks/{own.track_id}"

    assert server.api.delete(path).status_code == 204

    asked = [
        server.api.get(path),
        server.api.post(f"{path}/play"),
        server.api.post(f"{path}/takedown", json={"reason": "r"}),
        server.api.patch(path, json={"title": "t"}),
        replace(server, own.track_id, SMALL / "not-audio.flac"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in asked} == {(404, "no_track")}
    listed = server.api.get("/v1/tracks?limit=1000").json()["tracks"]
    assert own.track_id not in {track["track_id"] for track in listed}
    wait_until(lambda: mine.get("manifest.json").status_code == 403)
    assert others.get("manifest.json").status_code == 200
    assert server.api.post(f"/v1/tracks/{five_seconds.track_id}/play").status_code == 200
    assert server.api.delete(path).status_code == 204


def test_a_track_of_nobody_or_of_another_cannot_be_deleted(server: RunningServer) -> None:
    for track_id in ("nothing", "%00"):
        assert server.api.delete(f"/v1/tracks/{track_id}").status_code == 404


def test_replaced_audio_is_another_asset_and_old_addresses_stay_good(
    server: RunningServer,
    own: ReadyTrack,
    six_seconds: ReadyTrack,
    edge_case: Callable[[str], Path],
) -> None:
    before = listener(server, own)
    master = edge_case("stereo-48000.flac")

    sent = replace(server, own.track_id, master)

    assert sent.status_code == 202
    assert sent.json()["asset_id"] == own.asset_id
    assert (sent.json()["state"], sent.json()["replacement"]["file_name"]) == ("ready", master.name)
    track = replaced(server, own.track_id)
    assert (track["state"], track["asset_id"]) == ("ready", six_seconds.asset_id)
    assert (track["title"], track["file_name"]) == ("Mine", master.name)
    assert before.get("manifest.json").json()["asset_id"] == own.asset_id
    played = server.api.post(f"/v1/tracks/{own.track_id}/play").json()
    manifest = server.web.get(played["manifest_url"]).json()
    assert manifest["asset_id"] == six_seconds.asset_id


def test_audio_that_is_refused_leaves_the_old(server: RunningServer, own: ReadyTrack) -> None:
    assert replace(server, own.track_id, SMALL / "not-audio.flac").status_code == 202

    track = replaced(server, own.track_id)

    assert (track["state"], track["asset_id"], track["error"]) == ("ready", own.asset_id, None)
    assert track["replacement"]["error"]["code"] == "not_audio"
    assert server.api.post(f"/v1/tracks/{own.track_id}/play").status_code == 200


def test_new_audio_is_asked_for_its_key_before_its_body(server: RunningServer) -> None:
    answer = server.web.put("/v1/tracks/any/audio", content=b"x" * 100)

    assert (answer.status_code, answer.json()["code"]) == (401, "no_api_key")
