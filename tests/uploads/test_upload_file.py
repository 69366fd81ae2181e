"""The file that an upload arrives in, on a disk that fails, and after it was let go."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from legato.errors import Unavailable
from legato.ingest.uploads.upload_file import UploadFile
from legato.ingest.uploads.upload_folder import UploadFolder
from tests.running import RunningServer, wait_until
from tests.uploads.half_sent import HalfSent
from tests.uploads.test_bounds import MB, no_room_behind
from tests.uploads.tus import TusClient, checksum, stored


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def file(folder: Path) -> UploadFile:
    held = UploadFolder(folder).hold("upload")
    assert held is not None
    return held


def test_what_a_sync_that_failed_was_about_is_gone(file: UploadFile, folder: Path) -> None:
    file.append(b"safe")
    file.sync()
    file.append(b"unsafe")
    away = folder.rename(folder.with_name("away"))

    with file:
        with pytest.raises(Unavailable):
            file.sync()
        assert file.size == 4
        away.rename(folder)
        assert (folder / "upload").read_bytes() == b"safe"
        file.append(b" again")
        file.sync()

    assert (folder / "upload").read_bytes() == b"safe again"


def test_a_file_that_was_let_go_touches_no_other(file: UploadFile, tmp_path: Path) -> None:
    """The system gives its number to the next file that is opened."""
    file.append(b"mine")
    file.let_go()
    others = [os.open(tmp_path / str(n), os.O_RDWR | os.O_CREAT) for n in range(10)]

    with pytest.raises(Unavailable):
        file.append(b"more")
    with pytest.raises(Unavailable):
        file.sync()

    assert [os.fstat(one).st_size for one in others] == [0] * 10
    for one in others:
        os.close(one)


def test_a_disk_that_fails_at_the_end_is_said_and_the_bytes_are_asked_for_again(
    server: RunningServer, tus: TusClient
) -> None:
    data = os.urandom(200_000)
    place = tus.begun(len(data))
    arriving = server.data / "scratch" / "uploads"
    file = arriving / place.rpartition("/")[2]
    assert tus.send(place, 0, data[:1000]).status_code == 204

    with HalfSent(server, place, 1000, len(data) - 1000, data[1000:100_000]) as half:
        wait_until(lambda: file.stat().st_size == 100_000)
        away = arriving.rename(arriving.with_name("away"))
        half.send(data[100_000:])
        assert " 503 " in half.answer()
    away.rename(arriving)

    assert tus.offset(place) == 1000
    assert tus.send(place, 1000, data[1000:]).status_code == 204
    assert stored(server, data)


def test_a_body_with_a_checksum_that_does_not_fit_leaves_nothing(
    server: RunningServer, tus: TusClient
) -> None:
    data = os.urandom(8 * MB)
    half = len(data) // 2
    place = tus.begun(len(data))
    assert tus.send(place, 0, data[:half]).status_code == 204
    described = checksum("sha256", data[half:])

    with no_room_behind(server, 5 * MB):  # it fits beside, and not behind what is there
        full = tus.send(place, half, data[half:], described)
        assert (full.status_code, full.json()["code"]) == (503, "no_space")
        assert tus.offset(place) == half

    assert tus.send(place, half, data[half:], described).status_code == 204
    assert stored(server, data)


def test_a_file_that_was_stored_is_not_held_again(folder: Path) -> None:
    """Whoever opened it before it was stored and removed has a way to write to the master."""
    path = folder / "upload"
    held = UploadFolder(folder)
    rounds, taken = 300, []

    def store() -> None:
        for number in range(rounds):
            file = held.hold("upload")
            if file is not None:
                file.append(b"master")
                os.link(path, folder / f"{number}.master")
                file.drop()

    def write() -> None:
        for _ in range(rounds):
            file = held.hold("upload")
            if file is not None:
                taken.append(file.size)
                file.drop()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(store), threads.submit(write)]:
            done.result()

    assert set(taken) <= {0}
