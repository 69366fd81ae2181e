"""`legato takedown`: nothing is restarted, every edge confirms, and what is said of it is true."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import update
from typer.testing import Result

from fixtures.edge_cases import SMALL
from legato.catalog import purges
from legato.catalog.schema import PurgeRow
from legato.deployment import Deployment
from tests.cli.behind_an_edge import CHUNK, EDGE_SECRET, IN_FORCE_S, Legato, refusal, wait_for
from tests.origin.edges.fake_edge import FakeEdge
from tests.origin.edges.ready_track import ASSET_ID, add_ready_track
from tests.origin.listening import listener
from tests.running import ReadyTrack, RunningServer, wait_until

Command = Callable[..., Result]
UNCONFIRMED = 3


def test_a_takedown_is_proven_at_every_edge_while_another_track_plays_on(
    guarded: RunningServer, track: ReadyTrack, legato: Legato, edge: FakeEdge
) -> None:
    same = guarded.ready_track(SMALL / "mono-8000.wav", title="The same again")
    assert (same.asset_id, same.track_id != track.track_id) == (track.asset_id, True)
    down, plays_on = listener(guarded, track), listener(guarded, same)
    assert down.get(CHUNK).status_code == plays_on.get(CHUNK).status_code == 200

    said = legato("takedown", track.track_id, "--reason", "the artist asked").stdout

    assert "another track plays the same audio: edges keep it" in said
    assert refusal(wait_for(down, 403)) == "denied_grant"
    assert plays_on.get(CHUNK).status_code == 200
    play = guarded.api.post(f"/v1/tracks/{track.track_id}/play")
    assert (play.status_code, refusal(play)) == (410, "taken_down")
    assert edge.asked == []

    last = json.loads(legato("takedown", same.track_id, "--reason", "it too", "--json").stdout)

    assert (last["purged"], last["shared"], last["reason"]) == (True, False, "it too")
    [asked] = last["edges"]
    assert (asked["edge"], asked["error"]) == (f"nginx={edge.url}", None)
    assert asked["confirmed_after_s"] < IN_FORCE_S
    assert edge.purged == [track.asset_id]
    assert edge.asked[0].headers["x-legato-edge-secret"] == EDGE_SECRET
    assert plays_on.get(CHUNK).status_code in (403, 410)


def test_a_takedown_by_its_tenant_is_purged_by_the_server_once_the_edge_is_back(
    guarded: RunningServer, track: ReadyTrack, legato: Legato, edge: FakeEdge
) -> None:
    restored = guarded.api.post(f"/v1/tracks/{track.track_id}/restore").json()
    assert restored == {"track_id": track.track_id, "taken_down_at": None, "reason": None}
    wait_until(lambda: listener(guarded, track).get(CHUNK).status_code == 200, timeout_s=10)
    edge.asked.clear()
    edge.away()

    down = guarded.api.post(f"/v1/tracks/{track.track_id}/takedown", json={"reason": "a dispute"})

    assert down.status_code == 200
    assert sorted(down.json()) == ["reason", "taken_down_at", "track_id"]  # no word of edges
    arguments = ("takedown", track.track_id, "--reason", "x", "--wait", "0")
    missing = legato(*arguments, status=UNCONFIRMED).stdout
    assert f"nginx={edge.url} has not confirmed" in missing
    edge.back()
    wait_until(lambda: edge.purged == [track.asset_id])
    assert wait_until(lambda: '"event": "edge_purged"' in guarded.log)
    legato("takedown", track.track_id, "--reason", "x")

    undone = json.loads(legato("takedown", track.track_id, "--undo", "--json").stdout)

    assert undone == {
        "track_id": track.track_id, "asset_id": track.asset_id, "taken_down_at": None,
        "reason": None,
    }  # fmt: skip
    wait_until(lambda: listener(guarded, track).get(CHUNK).status_code == 200, timeout_s=10)


def test_where_no_edge_is_set_none_is_said_to_be_purged(
    command: Command, catalogue: Deployment
) -> None:
    """Nor is one missed for ever that was taken out of LEGATO_EDGES."""
    track_id = add_ready_track(catalogue)
    said = command("takedown", track_id, "--reason", "x")
    with catalogue.database.write() as session:
        purges.enter(session, ASSET_ID, ["nginx=http://gone"], delay_s=3600)

    told = command("takedown", track_id, "--reason", "x", "--json")

    assert (said.exit_code, told.exit_code) == (0, 0)
    assert "no edge is asked to forget the audio: LEGATO_EDGES names none" in said.stdout
    last = json.loads(told.stdout)
    assert (last["purged"], last["edges"], last["shared"]) == (False, [], False)
    assert "gone" not in said.stdout + told.stdout


def test_an_edge_that_was_asked_is_not_said_to_have_been_forgotten(
    command: Command, catalogue: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked it has recorded no answer."""
    track_id = add_ready_track(catalogue)
    monkeypatch.setenv("LEGATO_EDGES", "nginx=http://127.0.0.1:9")
    monkeypatch.setenv("LEGATO_EDGE_SECRET", EDGE_SECRET)
    arguments = ("takedown", track_id, "--reason", "x", "--wait", "0")
    first = command(*arguments)
    with catalogue.database.write() as session:
        session.execute(update(PurgeRow).values(attempts=2, due_at_ms=1 << 50))

    second = command(*arguments)

    assert (first.exit_code, second.exit_code) == (UNCONFIRMED, UNCONFIRMED)
    assert "has not confirmed: not asked yet" in first.stdout
    assert "has not confirmed: asked 2 times, no answer yet" in second.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "no_reason"),
        (["--reason", ""], "no_reason"),
        (["--reason", "x"], "no_track"),
        (["--undo", "--reason", "x"], "reason_for_undo"),
        (["--undo"], "no_track"),
    ],
)
def test_a_takedown_needs_a_reason_and_a_track_and_its_undoing_none(
    command: Command, arguments: list[str], code: str
) -> None:
    done = command("takedown", "0" * 20, *arguments)

    assert (done.exit_code, f"[{code}]" in done.output) == (1, True)


def test_the_api_wants_a_reason_too(guarded: RunningServer) -> None:
    answer = guarded.api.post(f"/v1/tracks/{'0' * 20}/takedown", json={"reason": ""})

    assert answer.status_code == 422
