"""What is stored can be gone or damaged: that is said, and never served as if it were whole."""

from collections.abc import Iterator

import pytest

from fixtures.edge_cases import SMALL
from tests.origin.listening import Listener, listener
from tests.running import RunningServer

CHUNK = "aac-96/0.m4s"


@pytest.fixture
def victim(breakable: RunningServer) -> Iterator[Listener]:
    """A listener to a track whose stored bytes are put right again afterwards."""
    track = breakable.ready_track(SMALL / "mono-8000.wav")
    kept = {path: path.read_bytes() for path in track.stored.iterdir()}
    yield listener(breakable, track)
    for path, body in kept.items():
        path.write_bytes(body)


def code_of_500(victim: Listener, address: str) -> str:
    status, code = victim.code(address)
    assert status == 500
    return code


def test_a_file_that_is_gone_is_not_found_in_words(victim: Listener) -> None:
    assert victim.get(CHUNK).status_code == 200

    (victim.track.stored / "aac-96.mp4").unlink()

    assert victim.code(CHUNK) == (404, "no_object")
    assert victim.get("aac-160/0.m4s").status_code == 200


def test_a_file_that_is_cut_off_is_an_error_and_no_short_chunk(victim: Listener) -> None:
    (victim.track.stored / "aac-96.mp4").write_bytes(b"")

    assert code_of_500(victim, CHUNK) == "object_short"
    assert victim.get("aac-160/0.m4s").status_code == 200


@pytest.mark.parametrize("body", [b"{}", b"", b"\xff\xfe not JSON", b"[" * 5000])
def test_a_manifest_that_is_none_is_an_error(breakable: RunningServer, body: bytes) -> None:
    track = breakable.ready_track(SMALL / "same-lossy-1.ogg")
    stored = track.stored / "manifest.json"
    good = stored.read_bytes()

    stored.write_bytes(body)

    assert code_of_500(listener(breakable, track), CHUNK) == "bad_manifest"
    stored.write_bytes(good)


def test_a_manifest_whose_bytes_were_changed_is_an_error(breakable: RunningServer) -> None:
    track = breakable.ready_track(SMALL / "same-lossy-1.mp3")
    stored = track.stored / "manifest.json"
    good = stored.read_bytes()

    stored.write_bytes(good.replace(b'"channels":2', b'"channels":1'))

    assert code_of_500(listener(breakable, track), CHUNK) == "manifest_hash"
    stored.write_bytes(good)
    assert listener(breakable, track).get(CHUNK).status_code == 200


def test_a_manifest_of_another_asset_is_an_error(breakable: RunningServer) -> None:
    """It is sound in itself, but its offsets are those of other files."""
    track = breakable.ready_track(SMALL / "same-lossy-1.ogg")
    other = breakable.ready_track(SMALL / "mono-8000.wav")
    stored = track.stored / "manifest.json"
    good = stored.read_bytes()

    stored.write_bytes((other.stored / "manifest.json").read_bytes())

    assert code_of_500(listener(breakable, track), "vorbis-160/0.ogg") == "manifest_hash"
    stored.write_bytes(good)
