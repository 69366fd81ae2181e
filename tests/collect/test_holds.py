"""Holds: who writes an object and who collects it never do so at once."""

from threading import Thread

import pytest
from sqlalchemy import select, update

from legato.catalog.objects import holds
from legato.catalog.objects.holds import Hold
from legato.catalog.process_identity import this_process
from legato.catalog.schema import HoldRow
from legato.errors import Unavailable
from tests.collect.world import World
from tests.running import wait_until

SUBJECT = holds.of_master("m1")
HERE = this_process().rpartition("/")[0]
DEAD_HERE, ELSEWHERE = f"{HERE}/0", "another machine/1/1"
A_MINUTE_MS, A_DAY_MS = 61_000, 24 * 3600 * 1000


def write(world: World) -> Hold | None:
    with world.database.write() as session:
        return holds.take_write(session, SUBJECT)


def collect(world: World) -> Hold | None:
    with world.database.write() as session:
        return holds.take_collect(session, SUBJECT)


def let_be(world: World, owner: str, *, older_ms: int = 0) -> None:
    """Every hold was taken by `owner`, so much earlier."""
    with world.database.write() as session:
        values = {"owner": owner, "until_ms": HoldRow.until_ms - older_ms}
        session.execute(update(HoldRow).values(values))


def held(world: World) -> bool:
    with world.database.read() as session:
        return bool(session.scalars(select(HoldRow)).all())


def test_any_number_may_write_and_then_nobody_collects(world: World) -> None:
    first, second = write(world), write(world)
    assert first is not None
    assert second is not None

    for hold in (first, second):
        assert collect(world) is None
        with world.database.write() as session:
            holds.release(session, hold)

    assert collect(world) is not None


def test_one_collects_and_then_nobody_writes(world: World) -> None:
    hold = collect(world)
    assert hold is not None
    assert (collect(world), write(world)) == (None, None)

    with world.database.write() as session:
        holds.end(session, hold)

    assert write(world) is not None


@pytest.mark.parametrize(
    ("owner", "older_ms", "falls"),
    [
        (this_process(), 0, False),
        (this_process(), A_DAY_MS, True),
        (DEAD_HERE, 0, True),
        (ELSEWHERE, 0, False),
        (ELSEWHERE, A_DAY_MS, True),
    ],
    ids=["ours", "ours, old", "dead here", "elsewhere", "elsewhere, old"],
)
def test_a_write_hold_falls_with_its_owner_or_when_its_time_is_over(
    world: World, owner: str, older_ms: int, falls: bool
) -> None:
    write(world)

    let_be(world, owner, older_ms=older_ms)

    assert (collect(world) is not None) == falls


@pytest.mark.parametrize(
    ("owner", "older_ms", "falls"),
    [
        (this_process(), A_DAY_MS, False),
        (DEAD_HERE, 0, False),
        (DEAD_HERE, A_MINUTE_MS, True),
        (ELSEWHERE, 0, False),
        (ELSEWHERE, A_MINUTE_MS, True),
    ],
    ids=["ours, old", "dead just now", "dead a while", "elsewhere", "elsewhere, a while"],
)
def test_a_collect_hold_falls_when_nothing_its_owner_began_can_still_happen(
    world: World, owner: str, older_ms: int, falls: bool
) -> None:
    collect(world)

    let_be(world, owner, older_ms=older_ms)

    assert (write(world) is not None) == falls


def test_a_writer_that_took_too_long_enters_nothing(world: World) -> None:
    late = write(world)
    assert late is not None
    let_be(world, ELSEWHERE, older_ms=A_DAY_MS)
    assert collect(world) is not None

    with pytest.raises(Unavailable) as refused, world.database.write() as session:
        holds.release(session, late)

    assert refused.value.code == "hold_lost"


def test_a_collector_that_lost_its_hold_is_told_before_it_deletes_more(world: World) -> None:
    lost = collect(world)
    assert lost is not None
    with world.database.write() as session:
        assert holds.renew(session, lost)
    let_be(world, ELSEWHERE, older_ms=A_MINUTE_MS)
    assert write(world) is not None

    with world.database.write() as session:
        assert not holds.renew(session, lost)


def test_a_collector_that_only_seemed_dead_has_lost_its_hold_to_whoever_took_it_over(
    world: World,
) -> None:
    late = collect(world)
    assert late is not None
    let_be(world, ELSEWHERE, older_ms=A_MINUTE_MS)

    with world.database.write() as session:
        [taken] = holds.take_over(session)

    with world.database.write() as session:
        assert not holds.renew(session, late)
        holds.end(session, late)
        assert holds.renew(session, taken)


def test_who_meets_a_collector_is_not_told_of_what(world: World) -> None:
    assert collect(world) is not None

    with (
        pytest.raises(Unavailable) as refused,
        holds.writing(world.database, SUBJECT, patience_s=0),
    ):
        raise AssertionError

    assert refused.value.code == "being_collected"
    assert SUBJECT not in refused.value.message


def test_what_a_dead_collector_began_another_takes_over_and_writers_wait_their_time(
    world: World,
) -> None:
    """A request of the dead one's may still be on its way to the store."""
    collect(world)
    with world.database.write() as session:
        assert holds.take_over(session) == []  # it lives
    let_be(world, DEAD_HERE)

    with world.database.write() as session:
        [taken] = holds.take_over(session)
        assert holds.take_over(session) == []
        holds.end(session, taken)
        holds.forget_fallen(session)
    assert write(world) is None

    let_be(world, "", older_ms=A_MINUTE_MS)
    with world.database.write() as session:
        holds.forget_fallen(session)
    assert not held(world)


def test_what_is_being_collected_is_waited_for(world: World) -> None:
    hold = collect(world)
    assert hold is not None
    written: list[Hold] = []

    def put() -> None:
        with holds.writing(world.database, SUBJECT) as mine:
            written.append(mine)

    writer = Thread(target=put)
    writer.start()
    with world.database.write() as session:
        holds.end(session, hold)
    writer.join()

    assert len(written) == 1


def test_an_error_lets_go_and_the_end_of_the_process_does_not(world: World) -> None:
    with pytest.raises(ZeroDivisionError), holds.writing(world.database, SUBJECT):
        raise ZeroDivisionError
    assert not held(world)

    with pytest.raises(SystemExit), holds.writing(world.database, SUBJECT):
        raise SystemExit
    wait_until(lambda: held(world))
