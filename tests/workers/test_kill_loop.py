"""Power cuts at random moments, one after the other: `make soak`."""

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import RunningServer, run_legato

KILLS = 40
LONGEST_S = 4.0
_NEVER = threading.Event()


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_track_survives_any_number_of_power_cuts(
    tmp_path: Path, edge_case: Callable[[str], Path]
) -> None:
    """What was acknowledged before the first cut plays after the last, and nothing is left over."""
    server, moments = RunningServer(tmp_path / "data"), random.Random(4)
    master = edge_case("twelve-minutes.flac")
    server.start()
    track_id = server.upload(master).json()["track_id"]
    for _ in range(KILLS):
        _NEVER.wait(moments.uniform(0, LONGEST_S))
        server.kill()
        server.start()
    track = server.final_track(track_id)
    server.stop()

    assert track["state"] == "ready"
    assert [path.name for path in (server.data / "scratch").iterdir()] == []
    assert len(list((server.data / "objects" / "audio").iterdir())) == 1
    verified = run_legato("verify", data=server.data)
    assert verified.returncode == 0, verified.stdout
