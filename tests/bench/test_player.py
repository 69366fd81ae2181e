"""What a simulated listener notices, of a real server behind a proxy that meddles."""

import asyncio
from collections.abc import Sequence

from bench.catalogue import Piece
from bench.player import Player
from bench.tally import RIGHT, WRONG_BYTES, Asked, Tally
from bench.venue import Habits, open_venue
from tests.bench.meddler import Answer, Meddle, meddler
from tests.running import RunningServer

PLAY = "/play"
CHUNKS = (".ogg", ".m4s")
# No piece is as long as the buffer: nothing waits but the one chunk that is held back.
CALM = Habits(speed=2)
BRISK = Habits(speed=12.5)
FIRST_CHUNK_LASTS_S = 5 / BRISK.speed


def hear(
    server: RunningServer, pieces: Sequence[Piece], meddle: Meddle, habits: Habits = CALM
) -> Tally:
    """One listener plays the pieces in turn."""

    async def play() -> Tally:
        async with (
            meddler(server.url, meddle) as url,
            open_venue(
                edge_url=url, api_key=server.api_key, catalogue=pieces,
                listeners=1, habits=habits,
            ) as venue,
        ):  # fmt: skip
            player = Player(1, venue)
            for piece in pieces:
                await player.play(piece)
            return venue.ledger.now

    return asyncio.run(play())


async def leave_alone(_path: str, answer: Answer) -> Answer:
    return answer


def is_chunk(path: str) -> bool:
    return path.endswith(CHUNKS) and "/init." not in path


def is_second_chunk(path: str) -> bool:
    return path.endswith(("/1.ogg", "/1.m4s"))


def flipped(body: bytes) -> bytes:
    """All the same but its last bit."""
    return body[:-1] + bytes([body[-1] ^ 1])


class Once:
    """True the first time it is asked about a path."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def __call__(self, path: str) -> bool:
        is_new = path not in self._asked
        self._asked.add(path)
        return is_new


def test_a_listener_hears_each_chunk_once_and_asks_for_play_once_a_track(
    server: RunningServer, pieces: list[Piece]
) -> None:
    tally = hear(server, pieces, leave_alone)

    assert tally.chunks == 3
    assert round(tally.music_s, 3) == 11.0
    assert tally.outcomes == {(Asked.PLAY, RIGHT): 2, (Asked.NEW, RIGHT): 2 + 2 + 3}
    assert not tally.stalls
    assert len(tally.media_took.seconds) == 7


def test_a_grant_is_kept_for_the_next_time(server: RunningServer, two_chunks: Piece) -> None:
    tally = hear(server, [two_chunks, two_chunks], leave_alone)

    assert tally.outcomes[Asked.PLAY, RIGHT] == 1
    assert tally.outcomes[Asked.KNOWN, RIGHT] >= 1  # the manifest, whatever rendition it chose


def test_a_flipped_bit_is_noticed_in_every_chunk(
    server: RunningServer, pieces: list[Piece]
) -> None:
    once = Once()

    async def flip(path: str, answer: Answer) -> Answer:
        if is_chunk(path) and once(path):
            answer.body = flipped(answer.body)
        return answer

    tally = hear(server, pieces, flip)

    assert tally.failures() == {WRONG_BYTES: 3}
    assert len(tally.wrong) == 3
    assert all(is_chunk(address) for address in tally.wrong)
    assert tally.chunks == 3


def test_a_stored_file_that_was_altered_is_noticed(
    server: RunningServer, two_chunks: Piece
) -> None:
    folder = server.data / "objects" / "audio" / two_chunks.asset_id
    whole = {file: file.read_bytes() for file in folder.glob("*-*.*")}
    try:
        for file, body in whole.items():
            file.write_bytes(flipped(body))
        tally = hear(server, [two_chunks], leave_alone, Habits(patience_s=0))
    finally:
        for file, body in whole.items():
            file.write_bytes(body)

    assert tally.failures() == {WRONG_BYTES: 1}
    assert tally.wrong[0].startswith(two_chunks.asset_id)
    assert tally.given_up == {Asked.NEW: 1}
    assert tally.chunks == 1


def test_a_refusal_is_counted_and_asked_again(server: RunningServer, pieces: list[Piece]) -> None:
    once = Once()

    async def refuse(path: str, answer: Answer) -> Answer:
        return Answer(status=503) if once(path) else answer

    tally = hear(server, pieces, refuse)

    assert tally.failures(Asked.PLAY) == {"503": 2}
    assert tally.failures(Asked.NEW) == {"503": 7}
    assert tally.chunks == 3


def test_a_connection_that_breaks_is_counted(server: RunningServer, two_chunks: Piece) -> None:
    once = Once()

    async def break_off(path: str, answer: Answer) -> Answer:
        answer.breaks_off = is_chunk(path) and once(path)
        return answer

    tally = hear(server, [two_chunks], break_off)

    assert tally.failures() == {"ClientPayloadError": 2}
    assert tally.chunks == 2


def test_a_chunk_that_comes_too_late_is_a_stall(server: RunningServer, two_chunks: Piece) -> None:
    async def hold_back(path: str, answer: Answer) -> Answer:
        if is_second_chunk(path):
            await asyncio.sleep(1.1 * FIRST_CHUNK_LASTS_S)
        return answer

    tally = hear(server, [two_chunks], hold_back, BRISK)

    assert tally.stalls == {Asked.NEW: 1}


def test_a_stall_between_tracks_is_blamed_on_play(
    server: RunningServer, pieces: list[Piece]
) -> None:
    async def hold_back(path: str, answer: Answer) -> Answer:
        if path.endswith(PLAY):
            await asyncio.sleep(1.1 * FIRST_CHUNK_LASTS_S)
        return answer

    tally = hear(server, pieces, hold_back, BRISK)

    assert tally.stalls == {Asked.PLAY: 1}  # before the first note there is nothing to stall


def test_a_failure_that_the_buffer_outlasts_is_no_stall(
    server: RunningServer, two_chunks: Piece
) -> None:
    once = Once()

    async def refuse(path: str, answer: Answer) -> Answer:
        return Answer(status=502) if is_second_chunk(path) and once(path) else answer

    tally = hear(server, [two_chunks], refuse)

    assert tally.failures() == {"502": 1}
    assert not tally.stalls


def test_what_the_cache_did_is_counted(server: RunningServer, pieces: list[Piece]) -> None:
    async def tell(path: str, answer: Answer) -> Answer:
        answer.headers["X-Cache"] = "STALE" if is_chunk(path) else "MISS"
        return answer

    tally = hear(server, pieces, tell)

    assert tally.cache == {"STALE": 3, "MISS": 4}
    assert tally.from_cache == 3
