"""A takedown, proven through the edge: 5 s later nothing of the track is heard any more."""

import json
from typing import Any

import httpx

from fixtures.edge_cases import SMALL
from tests.edge.conftest import SECRET
from tests.edge.listening import CHUNK, listener_of
from tests.origin.listening import Listener
from tests.running import RunningServer, run_legato, wait_until
from tests.servers.nginx import NginxEdge

IN_FORCE_S = 5


def take_down(server: RunningServer, edge: NginxEdge, track_id: str) -> tuple[dict[str, Any], str]:
    """What `legato takedown --json` says, and its log."""
    env = {"LEGATO_EDGES": f"nginx={edge.admin_url}", "LEGATO_EDGE_SECRET": SECRET}
    done = run_legato(
        "takedown", track_id, "--reason", "a court says so", "--json", data=server.data, env=env
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said, done.stderr


def refused_in_time(listener: Listener) -> tuple[int, str]:
    wait_until(lambda: listener.get(CHUNK).status_code != 200, IN_FORCE_S)
    return listener.code(CHUNK)


def test_one_track_goes_and_the_other_on_the_same_asset_plays_on_until_it_goes_too(
    server: RunningServer, edge: NginxEdge, web: httpx.Client
) -> None:
    first, second = (server.ready_track(SMALL / "mono-8000.wav", title=name) for name in "AB")
    assert first.asset_id == second.asset_id
    of_first, of_second = (listener_of(server, track, web) for track in (first, second))
    assert [one.get(CHUNK).headers["x-cache"] for one in (of_first, of_second)] == ["MISS", "HIT"]

    said, _ = take_down(server, edge, first.track_id)

    assert (said["shared"], said["edges"]) == (True, [])
    assert refused_in_time(of_first) == (403, "denied_grant")
    assert of_second.get(CHUNK).headers["x-cache"] == "HIT"

    said, log = take_down(server, edge, second.track_id)

    [purged] = said["edges"]
    assert said["purged"]
    assert 0 <= purged["confirmed_after_s"] <= IN_FORCE_S
    assert "edge_purged" in log
    assert second.asset_id in log
    assert refused_in_time(of_second) == (403, "denied_grant")
    assert edge.purge(second.asset_id).json()["removed"] == 0
