"""Batches in work: nobody lets go of what they land in, not even one who is stopped by force."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from legato.origin.api.tus.body import Batch
from legato.origin.api.tus.landing import Landing


@pytest.mark.parametrize("cancels", [1, 3])
def test_however_often_it_is_cancelled_it_settles_first(cancels: int) -> None:
    began, may_end = Event(), Event()
    landed: list[bytes] = []

    def work(data: memoryview) -> None:
        began.set()
        may_end.wait(10)
        landed.append(bytes(data))

    async def receive(executor: ThreadPoolExecutor) -> None:
        landing = Landing(executor, [work], 100)
        landing.put(Batch(memoryview(b"some")))
        settling = asyncio.create_task(landing.settle())
        await asyncio.to_thread(began.wait, 10)
        for _ in range(cancels):
            settling.cancel()
            await asyncio.wait([settling], timeout=0.02)
            assert not settling.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await settling

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(receive(executor))

    assert landed == [b"some"]
