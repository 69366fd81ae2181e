"""Server-sent events tell how far a track is, to whom it is, and for as long as they listen."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from legato.catalog.track_progress import TrackProgress
from legato.catalog.track_state import TrackState
from legato.origin.api.events import events_of
from legato.origin.api.watching import Watcher, Watching
from legato.transcode.ffmpeg_binary import FfmpegBinary
from tests.running import RunningServer, wait_until
from tests.tenants import key_of
from tests.workers.interfering import worker_of

STREAMS_OF_A_TENANT = 100
FREQUENT = {"LEGATO_RATE_LIMIT": "10000/second"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event as a client of WHATWG HTML §9.2.6 has it."""

    event_id: str
    data: dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("events") / "data", FREQUENT) as running:
        yield running


@pytest.fixture(scope="module")
def refused_id(server: RunningServer, edge_case: Callable[[str], Path]) -> str:
    """A track to which nothing more will happen."""
    track_id: str = server.upload(edge_case("not-audio.flac")).json()["track_id"]
    server.final_track(track_id)
    return track_id


@contextmanager
def worker_asleep(server: RunningServer) -> Iterator[None]:
    """Nothing goes on; what was uploaded waits."""
    worker = wait_until(lambda: worker_of(server))
    wait_until(lambda: put_to_sleep(worker.pid, server.data / "catalog.sqlite3"))
    try:
        yield
    finally:
        os.kill(worker.pid, signal.SIGCONT)


def put_to_sleep(pid: int, catalogue: Path) -> bool:
    """Stop a process, but not while it has the catalogue, for which everybody would wait."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(pid))
    try:
        with closing(sqlite3.connect(catalogue, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        os.kill(pid, signal.SIGCONT)
        return False
    return True


def is_stopped(pid: int) -> bool:
    """Whether all of its threads have stopped: a signal reaches each in its own time."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in threads)


def events(lines: Iterator[str]) -> Iterator[Heard]:
    """The events of a stream, as they come."""
    event_id = data = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            event_id = value
        elif name == "data":
            data += value
        elif not line and data:
            yield Heard(event_id=event_id, data=json.loads(data))
            data = ""


def read_all(client: httpx.Client, track_id: str, **headers: str) -> list[Heard]:
    with client.stream("GET", f"/v1/tracks/{track_id}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        return list(events(answer.iter_lines()))


@pytest.fixture
def twenty_seconds(tmp_path: Path, album: list[Path], ffmpeg: FfmpegBinary) -> Path:
    """Long enough for its encoding to be seen."""
    path = tmp_path / "daybreak.flac"
    command = [ffmpeg.path, "-v", "error", "-i", str(album[0]), "-t", "20", "-vn", str(path)]
    subprocess.run(command, check=True)
    return path


def test_an_ingest_is_told_in_order_from_received_to_ready(
    server: RunningServer, twenty_seconds: Path
) -> None:
    with ExitStack() as asleep:
        asleep.enter_context(worker_asleep(server))
        track_id = server.upload(twenty_seconds).json()["track_id"]
        with server.api.stream("GET", f"/v1/tracks/{track_id}/events") as answer:
            stream = events(answer.iter_lines())
            first = next(stream)
            asleep.close()
            heard = [first, *stream]

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert first.data == {
        "track_id": track_id,
        "state": "received",
        "progress": {
            "stage": "queued",
            "fraction": 0,
            "times_real_time": None,
            "seconds_left": None,
        },
        "error": None,
        "asset_id": None,
    }
    states = list(dict.fromkeys(one.data["state"] for one in heard))
    assert states == ["received", "encoding", "ready"]
    encoding = [one.data["progress"] for one in heard if one.data["state"] == "encoding"]
    assert [one["fraction"] for one in encoding if one["stage"] == "encode"]
    assert heard[-1].data["asset_id"] == server.track(track_id)["asset_id"]
    assert heard[-1].data["progress"] is None


def test_a_track_that_was_refused_says_why_and_nothing_follows(
    server: RunningServer, refused_id: str
) -> None:
    [only] = read_all(server.api, refused_id)

    assert only.data["state"] == "refused"
    assert only.data["error"] == server.track(refused_id)["error"]


def test_who_has_heard_the_last_event_is_told_to_stop(
    server: RunningServer, refused_id: str
) -> None:
    """204 ends an EventSource's attempts to connect again (WHATWG HTML §9.2.2)."""
    [only] = read_all(server.api, refused_id)

    again = server.api.get(
        f"/v1/tracks/{refused_id}/events", headers={"last-event-id": only.event_id}
    )

    assert (again.status_code, again.content) == (204, b"")
    assert read_all(server.api, refused_id, **{"last-event-id": "of another"}) == [only]


def test_events_are_the_tenants_own(server: RunningServer, refused_id: str) -> None:
    made = key_of(server.data, "another")
    path = f"/v1/tracks/{refused_id}/events"

    other = server.web.get(path, headers={"authorization": f"Bearer {made}"})

    assert (other.status_code, other.json()["code"]) == (404, "no_track")
    assert server.web.get(path).status_code == 401
    assert server.api.get("/v1/tracks/0123/events").status_code == 404


def test_streams_are_bounded_and_who_goes_away_makes_room_at_once(
    server: RunningServer, edge_case: Callable[[str], Path]
) -> None:
    with worker_asleep(server), ExitStack() as listening:
        track_id = server.upload(edge_case("0.4-seconds.flac")).json()["track_id"]
        path = f"/v1/tracks/{track_id}/events"
        for _ in range(STREAMS_OF_A_TENANT):
            listening.enter_context(listen(server, path))

        full = server.api.get(path)

        assert (full.status_code, full.json()["code"]) == (429, "too_many_streams")
        listening.close()
        wait_until(lambda: is_open(server, path), timeout_s=5)


@contextmanager
def listen(server: RunningServer, path: str) -> Iterator[socket.socket]:
    """A connection that has had its first event, and waits."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {server.api_key}\r\n\r\n"
            .encode()
        )  # fmt: skip
        received = b""
        while b"data: " not in received:
            received += connection.recv(4096)
        yield connection


def is_open(server: RunningServer, path: str) -> bool:
    with server.api.stream("GET", path) as answer:
        return answer.status_code == 200


def test_a_server_that_stops_ends_its_streams(
    server: RunningServer, edge_case: Callable[[str], Path]
) -> None:
    with worker_asleep(server):
        track_id = server.upload(edge_case("one-sample.wav")).json()["track_id"]
        with listen(server, f"/v1/tracks/{track_id}/events") as connection:
            os.kill(server.pid, signal.SIGTERM)
            started = time.monotonic()

            rest = b"".join(iter(lambda: connection.recv(4096), b""))

            assert rest.endswith(b"0\r\n\r\n")
            assert time.monotonic() - started < 5  # and not only when its time to stop is up
    assert wait_until(lambda: server.status is not None)
    assert server.status == 0
    server.start()


def progress(track_id: str, fraction: float) -> TrackProgress:
    return TrackProgress(
        track_id=track_id, state=TrackState.ENCODING, asset_id=None, error_code=None,
        error_message=None,
        progress={"stage": "encode", "fraction": fraction, "times_real_time": 1, "seconds_left": 1},
    )  # fmt: skip


class Looks:
    """A catalogue in which each track is further at each look."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []

    def __call__(self, track_ids: Collection[str]) -> dict[str, TrackProgress]:
        self.asked.append(set(track_ids))
        return {one: progress(one, len(self.asked) / 1000) for one in track_ids}


async def fractions(stream: AsyncIterator[bytes], count: int) -> list[float]:
    """How far the next events say that a track is."""
    found: list[float] = []
    async for block in stream:
        if data := block.partition(b"data: ")[2]:
            found.append(json.loads(data)["progress"]["fraction"])
        if len(found) == count:
            break
    return found


def test_all_who_listen_cost_one_look_a_tick_and_nobody_costs_none() -> None:
    looks = Looks()

    async def listen_together() -> None:
        watching = Watching(looks, every_s=0.01)
        watchers = [watching.begin(progress(name, 0), "t1") for name in ("one", "two", "two")]
        heard = await asyncio.gather(*(fractions(events_of(one, None), 5) for one in watchers))
        assert heard == [[0, 0.001, 0.002, 0.003, 0.004]] * 3
        for one in watchers:
            watching.forget(one)
        assert watching._task is not None
        await asyncio.wait_for(watching._task, 5)  # it has nothing more to do

    asyncio.run(listen_together())
    assert looks.asked[:4] == [{"one", "two"}] * 4


def test_a_look_that_fails_ends_no_stream() -> None:
    looks = Looks()

    def look(track_ids: Collection[str]) -> dict[str, TrackProgress]:
        if len(looks.asked) < 3:
            looks.asked.append(set())
            raise OSError("the catalogue is away")
        return looks(track_ids)

    async def listen_on() -> list[float]:
        watching = Watching(look, every_s=0.01)
        return await fractions(events_of(watching.begin(progress("one", 0), "t1"), None), 2)

    assert asyncio.run(listen_on()) == [0, 0.004]


def test_a_stream_in_which_nothing_happens_shows_that_it_lives() -> None:
    async def listen_long() -> list[bytes]:
        watcher = Watcher("one", "t1", progress("one", 0))
        stream = events_of(watcher, None, heartbeat_s=0.01)
        return [await anext(stream) for _ in range(4)]

    retry, event, *beats = asyncio.run(listen_long())

    assert retry == b"retry: 2000\n\n"
    assert event.startswith(b"id: ")
    assert beats == [b":\n\n"] * 2


def test_a_track_that_is_gone_and_a_process_that_stops_end_a_stream() -> None:
    async def listen_until_over() -> list[bytes]:
        watching = Watching(lambda _ids: {}, every_s=0.01)
        gone = events_of(watching.begin(progress("one", 0), "t1"), None)
        heard = [block async for block in gone]
        stopped = events_of(watching.begin(progress("two", 0), "t1"), None)
        await anext(stopped)
        watching.end()
        return heard + [block async for block in stopped]

    assert len(asyncio.run(listen_until_over())) == 2
