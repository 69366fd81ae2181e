"""Work that is cut off by force is done all the same, and leaves nothing behind."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.running import RunningServer, descendants, is_alive, wait_until
from tests.workers.interfering import (
    SLOWLY,
    count_assets,
    ffmpegs_of,
    files_in,
    upload_and_catch_encoding,
    worker_of,
)


def test_after_a_power_cut_in_mid_encode_the_next_start_finishes_the_track(
    tmp_path: Path, long_master: Path
) -> None:
    with RunningServer(tmp_path / "data", SLOWLY) as server:
        track_id = upload_and_catch_encoding(server, long_master)
        ffmpegs = ffmpegs_of(server)
        assert ffmpegs

        server.kill()

        wait_until(lambda: not any(is_alive(one.pid) for one in ffmpegs), timeout_s=15)
        assert files_in(server.data / "scratch")  # it was in the middle of it
        assert not (server.data / "objects" / "audio").exists()

    with RunningServer(tmp_path / "data", SLOWLY) as again:
        assert again.final_track(track_id)["state"] == "ready"

    assert files_in(tmp_path / "data" / "scratch") == []
    assert count_assets(tmp_path / "data") == 1


def test_a_worker_that_is_killed_is_started_anew_and_finishes_the_track(
    tmp_path: Path, long_master: Path
) -> None:
    with RunningServer(tmp_path / "data", SLOWLY) as server:
        track_id = upload_and_catch_encoding(server, long_master)
        killed = worker_of(server)
        assert killed is not None

        os.kill(killed.pid, signal.SIGKILL)

        assert server.final_track(track_id)["state"] == "ready"
        another = worker_of(server)
        assert another is not None
        assert another.pid != killed.pid
        assert "worker_restarted" in server.log

    assert files_in(tmp_path / "data" / "scratch") == []
    assert count_assets(tmp_path / "data") == 1


def test_nothing_outlives_a_server_that_is_killed_alone(tmp_path: Path) -> None:
    """As the kernel does when memory runs out: its children are told by nobody."""
    with RunningServer(tmp_path / "data") as server:
        left = descendants(server.pid)
        assert len(left) == 1  # the worker

        os.kill(server.pid, signal.SIGKILL)

        wait_until(lambda: not any(is_alive(one.pid) for one in left), timeout_s=15)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/healthz")
