"""Uploading a master to a running server: what is answered, and what becomes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.edge_cases import SMALL
from tests.running import ReadyTrack, RunningServer

MONO = SMALL / "mono-8000.wav"
FIELDS = {
    "track_id", "title", "artist", "isrc", "file_name", "state", "duration_s", "audio_id",
    "asset_id", "duplicate_of", "created_at", "progress", "error", "public",
    "taken_down_at", "takedown_reason", "findings", "replacement", "artwork", "tags",
}  # fmt: skip


@pytest.fixture(scope="module")
def lossy(server: RunningServer) -> ReadyTrack:
    return server.ready_track(SMALL / "same-lossy-1.ogg")


def test_an_upload_is_acknowledged_and_becomes_ready(server: RunningServer) -> None:
    answer = server.upload(MONO, title="Mono", artist="The Bell", isrc="QZES81912345")

    assert answer.status_code == 202
    acknowledged = answer.json()
    assert set(acknowledged) == FIELDS
    assert acknowledged["state"] in ("received", "encoding", "ready")
    ready = server.final_track(acknowledged["track_id"])
    assert ready["state"] == "ready"
    assert (ready["title"], ready["artist"], ready["isrc"]) == ("Mono", "The Bell", "QZES81912345")
    assert ready["file_name"] == "mono-8000.wav"
    assert ready["duration_s"] == 3.0
    assert ready["progress"] is None
    assert ready["error"] is None
    assert (server.data / "objects" / "audio" / ready["asset_id"] / "manifest.json").exists()


def test_what_is_not_said_is_read_from_the_tags(server: RunningServer, lossy: ReadyTrack) -> None:
    said, tagged = (
        server.upload(SMALL / "same-lossy-1.ogg", **form).json()
        for form in ({"title": "Said", "artist": "Sayer"}, {})
    )

    assert (said["title"], said["artist"]) == ("Said", "Sayer")
    of_tags = server.track(lossy.track_id)
    assert (tagged["title"], tagged["artist"]) == (of_tags["title"], of_tags["artist"])
    assert tagged["title"] != "same-lossy-1"


def test_a_master_without_tags_is_called_like_its_file(server: RunningServer) -> None:
    untagged = server.upload(MONO).json()

    assert (untagged["title"], untagged["artist"]) == ("mono-8000", "Unknown artist")


def test_the_same_recording_again_names_the_first_track(
    server: RunningServer, lossy: ReadyTrack
) -> None:
    """Other tags, other artwork, another file: the same sound."""
    again = server.final_track(server.upload(SMALL / "same-lossy-2.ogg").json()["track_id"])

    assert again["state"] == "ready"
    assert again["track_id"] != lossy.track_id
    assert again["duplicate_of"] == lossy.track_id
    assert again["asset_id"] == lossy.asset_id
    assert server.track(lossy.track_id)["duplicate_of"] is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("not-audio.flac", "not_audio"),
        ("playlist-as-audio.mp3", "not_audio"),
        ("empty.wav", "empty"),
        ("truncated.flac", "truncated"),
        ("damaged-middle.flac", "damaged"),
        ("silence.flac", "silent"),
        ("0.4-seconds.flac", "too_short"),
    ],
)
def test_a_master_that_cannot_be_used_is_refused_with_its_reason(
    server: RunningServer, name: str, code: str
) -> None:
    uploaded = server.upload(SMALL / name)
    assert uploaded.status_code == 202

    refused = server.final_track(uploaded.json()["track_id"])

    assert refused["state"] == "refused"
    assert refused["error"]["code"] == code
    assert "expected" in refused["error"]["message"]
    assert (refused["asset_id"], refused["progress"]) == (None, None)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": "a" * 501}, "title"),
        ({"artist": "a" * 501}, "artist"),
        ({"isrcs": "QZES81912345"}, "isrcs"),
    ],
)
def test_a_field_that_is_not_in_its_form_is_refused_by_name(
    server: RunningServer, form: dict[str, str], field: str
) -> None:
    refused = server.upload(MONO, **form)

    assert refused.status_code == 422
    error = refused.json()
    assert error["code"] == "bad_request"
    assert error["detail"].startswith(f"body.{field}: ")


@pytest.mark.parametrize(
    ("isrc", "kept"),
    [("QZ-ES8-19-12345", "QZES81912345"), ("qzes81912345", "QZES81912345"), ("", None)],
)
def test_an_isrc_is_kept_in_its_canonical_form(
    server: RunningServer, isrc: str, kept: str | None
) -> None:
    """Hyphens are for those who read it (ISO 3901)."""
    track = server.upload(MONO, isrc=isrc).json()

    assert track["isrc"] == kept
    changed = server.api.patch(f"/v1/tracks/{track['track_id']}", json={"isrc": "fr-z03-98-00212"})
    assert changed.json()["isrc"] == "FRZ039800212"


@pytest.mark.parametrize("isrc", ["QZES8191234", "QZES819123456", "QZES8191234\u0665", "no ISRC"])
def test_what_is_no_isrc_is_refused_with_an_example_of_one(
    server: RunningServer, isrc: str
) -> None:
    refused = server.upload(MONO, isrc=isrc)

    assert (refused.status_code, refused.json()["code"]) == (400, "bad_isrc")
    assert "expected 12 characters such as DE-A12-25-00001" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("title", (None, "Nothing"))], "body.file: found nothing, expected it"),
        ([("file", (None, "RIFF"))], "body.file: found no file name, expected a file that has one"),
        ([("file", ("a.wav", b"1")), ("file", ("b.wav", b"2"))], "body.file: found 2 of it"),
        ([("file", ("a.wav", b"1")), ("cover", ("c.png", b"2"))], "body.cover: no such field"),
        ([("file", ("a.wav", b"1")), *[("title", (None, "t"))] * 2], "body.title: found 2 of it"),
    ],
)
def test_a_form_of_which_something_would_be_dropped_is_refused(
    server: RunningServer, five_seconds: ReadyTrack, fields: list[tuple[str, Any]], said: str
) -> None:
    """Whoever sends two masters in one form is not told that all is well with one of them."""
    before, track_id = track_ids(server), five_seconds.track_id

    sent = server.api.post("/v1/tracks", files=fields)
    replaced = server.api.put(f"/v1/tracks/{track_id}/audio", files=fields)

    assert (sent.status_code, sent.json()["code"]) == (422, "bad_request")
    assert sent.json()["detail"].startswith(said)
    assert replaced.status_code == 422
    assert track_ids(server) == before
    assert server.track(track_id)["replacement"] is None


def track_ids(server: RunningServer) -> list[str]:
    tracks = server.api.get("/v1/tracks?limit=1000").json()["tracks"]
    return [track["track_id"] for track in tracks]


def test_an_upload_that_is_too_large_is_refused_and_forgotten(
    breakable: RunningServer, edge_case: Callable[[str], Path]
) -> None:
    before = breakable.api.get("/v1/tracks").json()
    masters = files_in(breakable.data / "objects" / "masters")

    refused = breakable.upload(edge_case("exactly-5-seconds.flac"))

    assert refused.is_client_error
    assert refused.json()["code"] == "too_large"
    assert breakable.api.get("/v1/tracks").json() == before
    assert files_in(breakable.data / "objects" / "masters") == masters
    assert files_in(breakable.data / "scratch") == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "..", "café.wav", "\t.wav"])
def test_a_file_name_is_only_a_name(server: RunningServer, name: str) -> None:
    answer = server.api.post("/v1/tracks", files={"file": (name, MONO.read_bytes())})

    assert answer.status_code == 202
    assert "/" not in answer.json()["file_name"]
