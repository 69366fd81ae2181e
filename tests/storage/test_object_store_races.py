"""Many hands on one key: an object is there whole, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

from legato.errors import Corrupt, NotFound
from legato.storage.object_store import ObjectStore

ROUNDS = 20
OGG = "audio/ogg"
# Larger than any write of the system, so that a torn object would be seen.
LARGE = 4 << 20


def at_once(*calls: Callable[[], None]) -> list[BaseException | None]:
    """Call all at the same moment; answers what each has raised."""
    barrier = Barrier(len(calls))

    def meet(call: Callable[[], None]) -> None:
        barrier.wait()
        call()

    with ThreadPoolExecutor(len(calls)) as executor:
        return [future.exception() for future in [executor.submit(meet, call) for call in calls]]


def test_the_same_bytes_from_two_at_once_are_one_object(store: ObjectStore) -> None:
    body = b"x" * 10_000
    for number in range(ROUNDS):
        key = f"masters/{number}"

        raised = at_once(*[lambda: store.put(key, body, media_type=OGG)] * 2)  # noqa: B023 - called in this round

        assert raised == [None, None]
        assert store.read(key) == body


def test_of_two_bodies_at_once_one_stands_and_the_other_is_told(store: ObjectStore) -> None:
    bodies = [b"a" * 10_000, b"b" * 10_000]
    for number in range(ROUNDS):
        key = f"masters/{number}"

        raised = at_once(
            lambda: store.put(key, bodies[0], media_type=OGG),  # noqa: B023 - called in this round
            lambda: store.put(key, bodies[1], media_type=OGG),  # noqa: B023
        )

        [winner] = [index for index, error in enumerate(raised) if error is None]
        loser = raised[1 - winner]
        assert isinstance(loser, Corrupt)
        assert loser.code == "key_taken"
        assert store.read(key) == bodies[winner]


def test_a_reader_never_sees_half_an_object(store: ObjectStore, tmp_path: Path) -> None:
    keys = [f"audio/{number}/aac-320.mp4" for number in range(6)]
    written, seen = Event(), set()

    def write() -> None:
        try:
            for key in keys:
                path = tmp_path / "packaged"
                path.write_bytes(key.encode()[:1] * LARGE)
                store.put_file(key, path, media_type=OGG)
        finally:
            written.set()

    def read() -> None:
        while not written.is_set():
            for key in keys:
                seen.add(size_seen(store, key))

    raised = at_once(write, read, read)

    assert raised == [None, None, None]
    assert seen <= {None, LARGE}
    assert {size_seen(store, key) for key in keys} == {LARGE}


def test_a_put_and_a_delete_beside_it_do_not_see_each_other(store: ObjectStore) -> None:
    """Both in one folder, which goes with its last object and comes with its first."""
    for number in range(ROUNDS):
        store.put("masters/ab/one", b"one", media_type=OGG)

        raised = at_once(
            lambda: store.put("masters/ab/two", b"two", media_type=OGG),
            lambda: store.delete("masters/ab/one"),
        )

        assert raised == [None, None], number
        assert [found.key for found in store.list("")] == ["masters/ab/two"]
        store.delete("masters/ab/two")


def size_seen(store: ObjectStore, key: str) -> int | None:
    try:
        return len(store.read(key))
    except NotFound:
        return None
