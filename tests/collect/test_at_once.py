"""Tenants, workers and a collector at once, on PostgreSQL: nothing is lost and nothing stuck."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final, TypeVar

import pytest

from legato.catalog import jobs
from legato.catalog.jobs import LeaseLostError
from legato.catalog.schema import AssetRow, HoldRow, MasterRow, RecordingRow, TrackRow
from legato.catalog.track_state import TrackState
from legato.errors import NotFound, Unavailable
from legato.ingest.master_key import master_key
from tests.collect.world import FAST, World, asset_id, audio_id, master_of, objects_of_asset
from tests.servers.postgres import PostgresServer

TENANTS: Final = 4
TIMES: Final = 25
SOUNDS: Final = ("one", "two")
WEEK_S: Final = 7 * 24 * 3600

T = TypeVar("T")


@pytest.fixture
def world(postgres: PostgresServer) -> Iterator[World]:
    with TemporaryDirectory(dir=FAST) as folder:
        world = World(Path(folder), database=postgres.new_catalogue())
        yield world
        world.close()


class Tenant:
    """Sends, replaces and deletes tracks, a few masters over and over; `sent` is what must be."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._by = world.holder(f"tenant {number}")
        self._random = random.Random(number)
        self.sent: dict[str, str] = {}

    def live(self) -> None:
        for _ in range(TIMES):
            change = self._random.choices((self._upload, self._replace, self._delete), (4, 3, 3))[0]
            if self.sent or change == self._upload:
                change()

    def _upload(self) -> None:
        sound, master = self._any_master()
        self.sent[again(lambda: self._world.upload(self._by, master))] = sound

    def _replace(self) -> None:
        sound, master = self._any_master()
        track_id = self._random.choice(list(self.sent))
        again(lambda: self._world.replace(self._by, track_id, master))
        self.sent[track_id] = sound

    def _delete(self) -> None:
        track_id = self._random.choice(list(self.sent))
        again(lambda: self._world.delete(self._by, track_id))
        del self.sent[track_id]

    def _any_master(self) -> tuple[str, bytes]:
        sound = self._random.choice(SOUNDS)
        return sound, master_of(sound, self._random.randrange(2))


def again(work: Callable[[], T]) -> T:
    """As whoever meets a collector is told, or was in the way of another transaction."""
    while True:
        try:
            return work()
        except Unavailable:
            continue


def work(world: World) -> bool:
    """Do what is free; answers whether there was anything."""
    with world.database.read() as session:
        free = jobs.free_jobs(session, limit=10)
    for job_id in free:
        try:
            world.do(job_id)
        except (LeaseLostError, NotFound, Unavailable):  # deleted meanwhile, or to be done later
            continue
    return bool(free)


def until(ended: Event, work: Callable[[], object]) -> None:
    while not ended.is_set():
        work()


def test_what_is_done_at_once_is_as_if_one_came_after_the_other(world: World) -> None:
    those, ended = [Tenant(world, number) for number in range(TENANTS)], Event()
    with ThreadPoolExecutor() as threads:
        others = [
            threads.submit(until, ended, lambda: work(world)),
            threads.submit(until, ended, lambda: work(world)),
            threads.submit(until, ended, lambda: again(world.collect)),
        ]
        try:
            for tenant in [threads.submit(tenant.live) for tenant in those]:
                tenant.result()
        finally:
            ended.set()
        for other in others:
            other.result()

    world.die()
    while work(world):
        world.die()
    world.wait(WEEK_S)
    world.collect()

    sent = {track: sound for tenant in those for track, sound in tenant.sent.items()}
    found = [world.find(track_id) for track_id in sent]
    assert {track.track_id: track.audio_id for track in found} == {
        track_id: audio_id(sound) for track_id, sound in sent.items()
    }
    assert {track.state for track in found} == {TrackState.READY}
    audio = set(map(audio_id, sent.values()))
    masters = {track.master_id for track in found}
    assets = [key for one in audio for key in objects_of_asset(one)]
    assert world.stored_keys() == {*map(master_key, masters), *assets}
    assert world.rows(MasterRow.master_id) == masters
    assert world.rows(AssetRow.asset_id) == set(map(asset_id, audio))
    assert world.rows(RecordingRow.audio_id) == audio
    assert world.rows(TrackRow.track_id) == set(sent)
    assert world.rows(HoldRow.subject) == set()
