"""Reading parts of objects: one read for all who ask, in pieces, within a bound of memory."""

import asyncio

import pytest

from legato.errors import Corrupt, Unavailable
from legato.origin.media.object_reader import PIECE_BYTES, ObjectReader
from legato.origin.media.representation import Slice, StoredPart
from tests.origin.media.counting_store import BODY, CountingStore

LISTENERS = 50


def part(start: int, end: int) -> Slice:
    """All of the part `[start, end)` of a file."""
    stored = StoredPart(key="audio/a/aac-160.mp4", start=start, end=end)
    return Slice(part=stored, start=0, end=stored.size)


async def read(objects: ObjectReader, wanted: Slice) -> bytes:
    return b"".join([block async for block in objects.stream(wanted)])


def reader(store: CountingStore, memory_bytes: int = 1 << 20) -> ObjectReader:
    return ObjectReader(store, memory_bytes)


def test_concurrent_misses_of_one_range_are_one_read() -> None:
    store = CountingStore()

    async def ask() -> list[bytes]:
        objects = reader(store)
        store.go_on.clear()
        waiting = [asyncio.ensure_future(read(objects, part(100, 300))) for _ in range(LISTENERS)]
        await asyncio.sleep(0)
        store.go_on.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == [BODY[100:300]] * LISTENERS
    assert store.reads == [(100, 200)]


def test_who_hangs_up_takes_the_read_from_nobody() -> None:
    store = CountingStore()

    async def ask() -> bytes:
        objects = reader(store)
        store.go_on.clear()
        first = asyncio.ensure_future(read(objects, part(0, 10)))
        second = asyncio.ensure_future(read(objects, part(0, 10)))
        await asyncio.sleep(0)
        first.cancel()
        store.go_on.set()
        return await second

    assert asyncio.run(ask()) == BODY[:10]
    assert len(store.reads) == 1


def test_what_was_read_is_remembered_and_what_failed_is_not() -> None:
    away = [True]

    def fail() -> None:
        if away[0]:
            raise Unavailable("store_unavailable", "away")

    store = CountingStore(fail=fail)

    async def ask() -> None:
        objects = reader(store)
        with pytest.raises(Unavailable):
            await read(objects, part(0, 10))
        away[0] = False
        assert await read(objects, part(0, 10)) == BODY[:10]
        assert objects.remembered(part(0, 10)) == BODY[:10]
        assert await read(objects, part(0, 10)) == BODY[:10]

    asyncio.run(ask())
    assert len(store.reads) == 2


@pytest.mark.parametrize("size", [1, PIECE_BYTES, PIECE_BYTES + 1, 4 * PIECE_BYTES + 7])
def test_a_long_part_comes_in_pieces_and_only_what_was_asked_is_read(size: int) -> None:
    store = CountingStore()

    async def ask() -> list[bytes]:
        return [block async for block in reader(store).stream(part(11, 11 + size))]

    blocks = asyncio.run(ask())

    assert b"".join(blocks) == BODY[11 : 11 + size]
    assert max(len(block) for block in blocks) <= PIECE_BYTES
    assert sum(asked or 0 for _, asked in store.reads) == size


def test_a_listener_who_is_slower_than_the_store_has_every_piece_read_once() -> None:
    """The piece that was read ahead has come long before it is sent."""
    store = CountingStore()
    size = 4 * PIECE_BYTES

    async def ask() -> bytes:
        blocks = []
        async for block in reader(store).stream(part(0, size)):
            blocks.append(block)
            if ahead := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(ahead)
        return b"".join(blocks)

    assert asyncio.run(ask()) == BODY[:size]
    assert sum(asked or 0 for _, asked in store.reads) == size


def test_a_stream_reads_one_piece_ahead_and_no_further() -> None:
    store = CountingStore()

    async def ask() -> int:
        stream = reader(store).stream(part(0, 4 * PIECE_BYTES))
        await anext(stream)
        await asyncio.sleep(0.01)
        await stream.aclose()
        return len(store.reads)

    assert asyncio.run(ask()) <= 2


def test_whatever_is_wanted_of_a_short_part_it_is_read_once_and_kept_once() -> None:
    store = CountingStore()
    chunk = part(100, 300).part

    async def ask() -> None:
        objects = reader(store)
        for start, end in [(0, 1), (5, 7), (0, 200), (199, 200)]:
            wanted = Slice(part=chunk, start=start, end=end)
            assert await read(objects, wanted) == BODY[100 + start : 100 + end]
            assert objects.remembered(wanted) == BODY[100 + start : 100 + end]

    asyncio.run(ask())
    assert store.reads == [(100, 200)]


def test_just_what_is_wanted_of_a_long_part_is_read_and_not_kept() -> None:
    store = CountingStore()
    wanted = Slice(part=part(0, 4 * PIECE_BYTES).part, start=1000, end=1500)

    async def ask() -> None:
        objects = reader(store)
        assert await read(objects, wanted) == BODY[1000:1500]
        assert objects.remembered(wanted) is None

    asyncio.run(ask())
    assert store.reads == [(1000, 500)]


def test_every_waiter_has_an_error_of_its_own() -> None:
    def fail() -> None:
        raise Unavailable("store_unavailable", "away")

    store = CountingStore(fail=fail)

    async def ask() -> list[BaseException | bytes]:
        objects = reader(store)
        waiting = [read(objects, part(0, 10)) for _ in range(LISTENERS)]
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    raised = asyncio.run(ask())

    assert {type(one) for one in raised} == {Unavailable}
    assert len({id(one) for one in raised}) == LISTENERS
    assert len(store.reads) == 1


def test_an_object_that_is_shorter_than_its_manifest_says_is_corrupt() -> None:
    store = CountingStore(body=BODY[:50])

    with pytest.raises(Corrupt, match="found 40 bytes at 10, expected 90"):
        asyncio.run(read(reader(store), part(10, 100)))
