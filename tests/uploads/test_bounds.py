"""What an upload may cost: memory, and a disk that is full."""

import os
import re
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.running import RunningServer
from tests.uploads.tus import TusClient, stored

MB = 1_000_000
PEAK_LIMIT_BYTES = 150 * MB
# The batches of one upload, its threads, and what the allocator keeps.
AN_UPLOAD_BYTES = 8 * MB


def peak_bytes(server: RunningServer) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_memory_is_bounded_however_much_comes_at_once(
    server: RunningServer, tus: TusClient
) -> None:
    before = peak_bytes(server)
    files = [os.urandom(50 * MB) for _ in range(2)]

    with ThreadPoolExecutor(2) as clients:
        sent = clients.map(lambda data: tus.send(tus.begun(len(data)), 0, data), files)
        assert [answer.status_code for answer in sent] == [204, 204]

    assert peak_bytes(server) < before + len(files) * AN_UPLOAD_BYTES
    assert peak_bytes(server) < PEAK_LIMIT_BYTES


@contextmanager
def no_room_behind(server: RunningServer, size: int) -> Iterator[None]:
    """No file of the server's can grow beyond so many bytes, as if the disk were full."""
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))


def test_a_full_disk_is_said_and_what_fitted_stays(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(8 * MB)
    place = tus.begun(len(data))

    with no_room_behind(server, 5 * MB):
        full = tus.send(place, 0, data)
        assert (full.status_code, full.json()["code"]) == (503, "no_space")
        assert full.headers["retry-after"] == "1"
        assert tus.offset(place) == 5 * MB

    assert tus.send(place, 5 * MB, data[5 * MB :]).status_code == 204
    assert stored(server, data)
