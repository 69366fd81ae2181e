"""Several who work on one data folder: one recording is encoded once, and all are ready."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fixtures.edge_cases import SMALL
from tests.running import RunningServer, run_legato
from tests.workers.interfering import count_assets, files_in


def ingest(data: Path, *masters: Path) -> list[dict[str, Any]]:
    done = run_legato("ingest", "--json", *masters, data=data)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_two_ingests_at_once_of_one_recording_make_one_asset(tmp_path: Path) -> None:
    data = tmp_path / "data"
    masters = [SMALL / "same-lossy-1.mp3", SMALL / "same-lossy-2.mp3"]

    with ThreadPoolExecutor(2) as executor:
        outcomes = [one for [one] in executor.map(lambda master: ingest(data, master), masters)]

    assert [one["state"] for one in outcomes] == ["ready", "ready"]
    assert len({one["track_id"] for one in outcomes}) == 2
    assert len({one["asset_id"] for one in outcomes}) == 1
    assert count_assets(data) == 1
    assert files_in(data / "scratch") == []


def test_an_ingest_beside_a_running_server_is_seen_by_it(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "data") as server:
        [outcome] = ingest(server.data, SMALL / "mono-8000.wav")

        track = server.track(outcome["track_id"])

    assert (outcome["state"], track["state"]) == ("ready", "ready")
    assert track["asset_id"] == outcome["asset_id"]
    assert count_assets(tmp_path / "data") == 1
