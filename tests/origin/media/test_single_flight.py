"""One call for all who ask; a call that hangs holds nobody for ever, and lets no queue grow."""

import asyncio

import pytest

from legato.errors import Unavailable
from legato.origin.media.single_flight import MOST_UNDER_WAY, SingleFlight


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


def test_who_waits_too_long_is_told_so() -> None:
    flight: SingleFlight[str] = SingleFlight(patience_s=0.01)

    with pytest.raises(Unavailable) as slow:
        asyncio.run(flight.run("key", never))

    assert slow.value.code == "store_slow"


def test_where_too_many_wait_the_next_is_told_at_once() -> None:
    flight: SingleFlight[str] = SingleFlight()

    async def fill() -> str:
        for number in range(MOST_UNDER_WAY):
            flight.start(number, never)
        with pytest.raises(Unavailable) as busy:
            await flight.run("another", never)
        return busy.value.code

    assert asyncio.run(fill()) == "store_busy"


def test_after_it_has_ended_the_next_call_is_a_new_one() -> None:
    flight: SingleFlight[int] = SingleFlight()
    calls: list[int] = []

    async def count() -> int:
        calls.append(1)
        return len(calls)

    async def twice() -> list[int]:
        return [await flight.run("key", count), await flight.run("key", count)]

    assert asyncio.run(twice()) == [1, 2]
