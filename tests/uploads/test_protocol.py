"""tus 1.0 at /v1/uploads, row by row of the protocol."""

import os
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from fixtures.edge_cases import SMALL
from legato.catalog.objects import uploads
from legato.deployment import Deployment
from tests.running import RunningServer
from tests.uploads.conftest import MAX_UPLOAD_BYTES
from tests.uploads.tus import (
    OFFSET_TYPE,
    VERSION,
    TusClient,
    checksum,
    metadata,
    stored,
    tracks_named,
)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_server_says_what_it_can_do_to_anybody(server: RunningServer) -> None:
    answer = server.web.options("/v1/uploads")

    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["tus-max-size"] == str(MAX_UPLOAD_BYTES)
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    }  # fmt: skip
    assert set(answer.headers["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256", "md5"}


def test_an_upload_in_pieces_becomes_one_track(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(3_000_000)
    place = tus.begun(len(data), filename="pieces.bin", title="Pieces", artist="The Bell")

    first = tus.send(place, 0, data[:1_000_001])
    asked = tus.ask(place)
    last = tus.send(place, 1_000_001, data[1_000_001:])

    assert (first.status_code, first.headers["upload-offset"]) == (204, "1000001")
    assert asked.status_code == 200
    assert asked.headers["cache-control"] == "no-store"
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == (
        "1000001",
        "3000000",
    )
    assert (
        asked.headers["upload-metadata"]
        == metadata(filename="pieces.bin", title="Pieces", artist="The Bell")["upload-metadata"]
    )
    assert (last.status_code, last.headers["upload-offset"]) == (204, "3000000")
    [track] = tracks_named(server, "pieces.bin")
    assert last.headers["legato-track"] == track["track_id"]
    assert (track["title"], track["artist"]) == ("Pieces", "The Bell")
    assert stored(server, data)


def test_a_finished_upload_still_tells_what_it_became(
    server: RunningServer, tus: TusClient
) -> None:
    place = tus.begun(10, filename="finished.bin")
    track_id = tus.send(place, 0, os.urandom(10)).headers["legato-track"]

    asked, again = tus.ask(place), tus.send(place, 10, b"")

    assert (asked.headers["upload-offset"], asked.headers["legato-track"]) == ("10", track_id)
    assert (again.status_code, again.headers["legato-track"]) == (204, track_id)
    assert len(tracks_named(server, "finished.bin")) == 1
    assert code(tus.end(place)) == (409, "upload_finished")


def test_bytes_may_come_along_with_the_beginning(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(2_500_000)
    headers = {**OFFSET_TYPE, **metadata(filename="along.bin")}

    some = tus.begin(len(data), headers, content=data[:1_000_000])
    rest = tus.send(some.headers["location"], 1_000_000, data[1_000_000:])
    whole = tus.begin(len(data), headers, content=data)

    assert (some.status_code, some.headers["upload-offset"]) == (201, "1000000")
    assert (whole.status_code, whole.headers["upload-offset"]) == (201, "2500000")
    assert rest.headers["legato-track"] != whole.headers["legato-track"]
    assert stored(server, data)


def test_a_body_of_no_declared_length_is_taken_too(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(5_000_000)
    place = tus.begun(len(data))

    taken = tus.send(
        place, 0, (data[start : start + 70_000] for start in range(0, len(data), 70_000))
    )

    assert taken.headers["upload-offset"] == str(len(data))
    assert stored(server, data)


def test_nothing_at_all_may_be_uploaded(tus: TusClient) -> None:
    begun = tus.begin(0)

    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "0")
    assert begun.headers["legato-track"]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_body_that_is_not_its_checksum_is_not_kept(
    server: RunningServer, tus: TusClient, algorithm: str
) -> None:
    data = os.urandom(2_000_000)
    place = tus.begun(len(data))
    right, wrong = checksum(algorithm, data[:1_500_000]), checksum(algorithm, data[1:1_500_001])

    refused = tus.send(place, 0, data[:1_500_000], wrong)
    assert code(refused) == (460, "checksum_mismatch")
    assert tus.offset(place) == 0

    assert tus.send(place, 0, data[:1_500_000], right).status_code == 204
    assert code(tus.send(place, 1_500_000, data[1_500_000:], wrong)) == (460, "checksum_mismatch")
    assert tus.offset(place) == 1_500_000
    assert tus.send(place, 1_500_000, data[1_500_000:]).status_code == 204
    assert stored(server, data)


def test_an_upload_that_was_ended_is_gone(server: RunningServer, tus: TusClient) -> None:
    place = tus.begun(100)
    tus.send(place, 0, b"some")

    assert tus.end(place).status_code == 204

    assert tus.ask(place).status_code == 410
    assert code(tus.send(place, 4, b"more")) == (410, "upload_over")
    assert not list((server.data / "scratch" / "uploads").glob(f"{place.rpartition('/')[2]}*"))
    assert server.api.get(place).json()["state"] == "ended"


def test_an_upload_expires_and_moving_prolongs_it(tus: TusClient, catalogue: Deployment) -> None:
    begun = tus.begin(100)
    place = begun.headers["location"]
    expire_in(catalogue, place, 60)
    moved = tus.send(place, 0, b"some")

    assert parsedate_to_datetime(begun.headers["upload-expires"]).tzinfo is not None
    usual, sooner = (parsedate_to_datetime(one.headers["upload-expires"]) for one in (moved, begun))
    assert usual >= sooner
    expire_in(catalogue, place, -1)
    assert tus.ask(place).status_code == 410
    assert code(tus.send(place, 4, b"more")) == (410, "upload_over")


def expire_in(catalogue: Deployment, place: str, ttl_s: int) -> None:
    with catalogue.database.write() as session:
        uploads.prolong(session, place.rpartition("/")[2], ttl_s)


@pytest.mark.parametrize("method", ["PATCH", "patch"])
def test_a_method_may_be_sent_as_another(tus: TusClient, method: str) -> None:
    place = tus.begun(4)
    sent = {**VERSION, **OFFSET_TYPE, "upload-offset": "0", "x-http-method-override": method}

    assert tus.http.post(place, content=b"four", headers=sent).headers["upload-offset"] == "4"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"tus-resumable": "0.2.2"}, (412, "tus_version")),
        ({"content-type": "audio/wav"}, (415, "upload_media_type")),
        ({"upload-offset": "3"}, (409, "upload_offset")),
        ({"upload-offset": "-1"}, (400, "bad_upload")),
        ({"upload-offset": "٣"}, (400, "bad_upload")),
        ({"upload-checksum": "crc32 AAAA"}, (400, "bad_checksum")),
        ({"upload-checksum": "sha1 ?"}, (400, "bad_checksum")),
        ({"authorization": "Bearer lk_wrong"}, (401, "bad_api_key")),
    ],
)
def test_a_patch_that_cannot_be_is_refused_and_changes_nothing(
    tus: TusClient, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    place = tus.begun(100)
    encoded = {name: value.encode() for name, value in headers.items()}

    answer = tus.send(place, 0, b"some", encoded)  # type: ignore[arg-type]

    assert code(answer) == refused
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert ("tus-version" in answer.headers) == (refused[0] == 412)
    assert tus.offset(place) == 0


def test_more_than_was_announced_is_refused(tus: TusClient) -> None:
    place = tus.begun(10)

    assert code(tus.send(place, 0, b"eleven byte")) == (413, "too_large")
    assert code(tus.send(place, 0, iter([b"eleven byte"]))) == (413, "too_large")
    assert tus.offset(place) == 0


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"upload-length": ""}, (400, "bad_upload")),
        ({"upload-length": "1e6"}, (400, "bad_upload")),
        ({"upload-length": str(MAX_UPLOAD_BYTES + 1)}, (413, "too_large")),
        ({"upload-defer-length": "1"}, (400, "bad_upload")),
        ({"upload-concat": "partial"}, (400, "bad_upload")),
        ({"upload-metadata": "title !"}, (400, "bad_metadata")),
        ({"upload-metadata": "title /w=="}, (400, "bad_metadata")),
        ({"upload-metadata": "title YQ==,title YQ=="}, (400, "bad_metadata")),
        (metadata(title="a" * 501), (400, "bad_metadata")),
        (metadata(isrc="QZ-ES8-19-1234"), (400, "bad_isrc")),
        (metadata(public="perhaps"), (400, "bad_metadata")),
        (metadata(title="\0"), (400, "bad_text")),
        (metadata(replaces="none"), (404, "no_track")),
    ],
)
def test_an_upload_that_cannot_be_is_not_begun(
    server: RunningServer, tus: TusClient, said: dict[str, str], refused: tuple[int, str]
) -> None:
    before = len(server.api.get("/v1/uploads").json()["uploads"])

    answer = tus.begin(100, said)

    assert code(answer) == refused
    assert "found" in answer.json()["detail"] or refused[0] == 404
    assert len(server.api.get("/v1/uploads").json()["uploads"]) == before


def test_an_upload_is_nobodys_elses(tus: TusClient, stranger: TusClient) -> None:
    place = tus.begun(100)

    assert stranger.ask(place).status_code == 404
    assert code(stranger.send(place, 0, b"some")) == (404, "no_upload")
    assert code(stranger.end(place)) == (404, "no_upload")
    assert stranger.http.get(place).status_code == 404
    assert stranger.http.get("/v1/uploads").json()["uploads"] == []
    assert tus.ask("/v1/uploads/..%2f..%2fkeys").status_code == 404


def test_an_upload_can_be_watched_without_disturbing_it(
    server: RunningServer, tus: TusClient
) -> None:
    place = tus.begun(100, filename="watched.bin")
    tus.send(place, 0, b"some")

    view = server.api.get(place).json()

    assert view["upload_id"] == place.rpartition("/")[2]
    assert (view["state"], view["offset"], view["size_bytes"]) == ("receiving", 4, 100)
    assert (view["track_id"], view["error"], view["file_name"]) == (None, None, "watched.bin")
    assert view in server.api.get("/v1/uploads").json()["uploads"]


def test_a_page_of_another_origin_may_use_it(server: RunningServer, tus: TusClient) -> None:
    asks = {
        "origin": "https://studio.example",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,tus-resumable,upload-offset",
    }

    preflight = server.web.options("/v1/uploads/0", headers=asks)
    begun = tus.begin(1, {"origin": asks["origin"]})

    assert preflight.status_code == 200
    assert "upload-offset" in preflight.headers["access-control-allow-headers"].lower()
    shown = begun.headers["access-control-expose-headers"].lower()
    assert {"location", "upload-offset", "upload-expires", "legato-track"} <= set(shown.split(", "))


def test_a_real_master_is_described_by_its_sender_and_plays(
    server: RunningServer, tus: TusClient
) -> None:
    data = (SMALL / "mono-8000.wav").read_bytes()
    place = tus.begun(
        len(data),
        filename=r"C:\Music\mono.wav",
        title="Mono",
        isrc="qz-es8-19-12345",
        public="true",
    )

    track_id = tus.send(place, 0, data).headers["legato-track"]
    track = server.final_track(track_id)

    assert track["state"] == "ready", track
    assert (track["title"], track["isrc"], track["public"]) == ("Mono", "QZES81912345", True)
    assert track["file_name"] == "mono.wav"


def test_new_audio_for_a_track_comes_the_same_way(server: RunningServer, tus: TusClient) -> None:
    old, new = os.urandom(1000), os.urandom(1000)
    track_id = tus.send(tus.begun(len(old)), 0, old).headers["legato-track"]

    replaced = tus.send(tus.begun(len(new), replaces=track_id, filename="new.bin"), 0, new)

    assert replaced.headers["legato-track"] == track_id
    assert server.track(track_id)["replacement"] is not None
    assert tracks_named(server, "new.bin") == []
    assert stored(server, new)
