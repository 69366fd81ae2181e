"""What no single row can say: the servers agree, and tell nothing to whoever has no grant."""

import m3u8
import pytest

from tests.http.row import CHUNK, EDGE, EVERYWHERE, LOCAL, PLAYLIST, S3, WHOLE_FILE, Under
from tests.http.served import Served
from tests.http.wire import Answer

ADDRESSES = (
    "manifest.json", "peaks.json", "index.m3u8", "index-160.m3u8", PLAYLIST, CHUNK, WHOLE_FILE,
    "vorbis-160/init.ogg",
)  # fmt: skip
every_server = pytest.mark.parametrize("served", EVERYWHERE, indirect=True)


def test_every_server_gives_the_same_bytes_the_same_tags(
    local: Served, s3: Served, edge: Served
) -> None:
    """A player that changes from one to another in the middle, or a cache before both, may."""
    assert {LOCAL: local, S3: s3, EDGE: edge}.keys() == {*EVERYWHERE}
    for address in ADDRESSES:
        assert local.stands(address) == s3.stands(address) == edge.stands(address)


@every_server
def test_a_playlist_names_every_chunk_for_as_long_as_there_is_sound(served: Served) -> None:
    playlist = m3u8.loads(served.stands(PLAYLIST).body.decode())

    sound_s = served.manifest["samples"] / served.manifest["sample_rate_hz"]
    assert sum(segment.duration for segment in playlist.segments) == pytest.approx(sound_s, abs=0.1)
    for segment in playlist.segments:
        assert served.answer(f"aac-160/{segment.uri}", Under.FULL, "HEAD").status == 200


@every_server
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    ("of_one", "of_none"),
    [(Under.UNSIGNED, Under.UNSIGNED_ABSENT), (Under.ALTERED, Under.ALTERED_ABSENT)],
)
def test_without_a_grant_what_exists_and_what_does_not_get_the_same_answer(
    served: Served, of_one: Under, of_none: Under, method: str
) -> None:
    there = [served.answer(address, of_one, method) for address in (*ADDRESSES, "no/such/thing")]
    absent = [served.answer(address, of_none, method) for address in ADDRESSES]

    assert len({_without_date(answer) for answer in (*there, *absent)}) == 1


def _without_date(answer: Answer) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    fields = {name: value for name, value in answer.fields.items() if name != "date"}
    return answer.status, answer.body, tuple(sorted(fields.items()))
