"""`legato gc` as operators run it: what it says, and what is left where it is killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.schema import HoldRow
from legato.ingest.master_key import master_key
from tests.collect.world import World, id_of, master_of
from tests.running import WORK_TIMEOUT_S, environment, run_legato, wait_until

ORPHANS = 600
OGG = "audio/ogg"


@pytest.fixture
def data(world: World) -> Path:
    return world.deployment.settings.data


def test_it_tells_what_would_go_and_then_what_has(
    world: World, ensemble: KeyHolder, data: Path
) -> None:
    world.delete(ensemble, world.upload(ensemble, master_of("one", 0)))
    size = len(master_of("one", 0))

    shown = run_legato("gc", "--dry-run", data=data, env={"LEGATO_GC_GRACE_S": "0"})
    assert world.stored_keys() == {master_key(id_of(master_of("one", 0)))}
    done = run_legato("gc", "--grace", "0", "--json", data=data)

    rows = {line.split()[0]: line.split()[1:] for line in shown.stdout.splitlines()}
    assert rows["masters"] == ["1", f"{size}", "B"]
    assert rows["assets"] == ["0", "0", "B"]
    told = json.loads(done.stdout)
    assert told["masters"] == {"count": 1, "size_bytes": size}
    assert told["dry_run"] is False
    assert world.stored_keys() == set()
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert {(one["event"], one["kind"]) for one in logged} == {
        ("collected", "masters"),
        ("collected", "tracks"),
    }


def test_a_collector_that_is_killed_is_finished_by_the_next(world: World, data: Path) -> None:
    for number in range(ORPHANS):
        asset = id_of(str(number).encode())
        for name in ("a.ogg", "b.ogg"):
            world.store.put(f"audio/{asset}/{name}", b"orphan", media_type=OGG)
    total = len(world.stored_keys())
    command = [sys.executable, "-m", "legato", "gc", "--grace", "0"]
    with subprocess.Popen(
        command, env=environment(data), cwd=data, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as collector:  # fmt: skip
        wait_until(lambda: len(world.stored_keys()) < total, WORK_TIMEOUT_S)
        os.kill(collector.pid, signal.SIGKILL)
    left = world.stored_keys()
    assert left, "it was done before it was killed"
    assert world.rows(HoldRow.subject)

    answer = run_legato("gc", "--grace", "0", "--json", data=data)

    assert json.loads(answer.stdout)["unfinished"]["count"] > 0
    assert world.stored_keys() == set()
