"""What an operator does to a running server: deny, rotate, take down; nothing is restarted."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from fixtures.edge_cases import SMALL
from tests.origin.edges.fake_edge import FakeEdge
from tests.origin.listening import Listener, listener
from tests.running import ReadyTrack, RunningServer, run_legato, wait_until

IN_FORCE_S = 5
SECRET = "the-secret-of-the-edge"  # noqa: S105 - of nobody
EDGE = {"x-legato-edge-secret": SECRET}
CHUNK = "aac-96/0.m4s"
Legato = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def edge() -> Iterator[FakeEdge]:
    with FakeEdge() as edge:
        yield edge


@pytest.fixture(scope="module")
def env(edge: FakeEdge) -> Mapping[str, str]:
    return {"LEGATO_EDGES": f"nginx={edge.url}", "LEGATO_EDGE_SECRET": SECRET}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, env: Mapping[str, str]
) -> Iterator[RunningServer]:
    """An origin that answers its edge alone: its listeners' client is that edge."""
    with RunningServer(tmp_path_factory.mktemp("denials") / "data", env) as server:
        server.web.headers.update(EDGE)
        yield server


@pytest.fixture(scope="module")
def legato(server: RunningServer, env: Mapping[str, str]) -> Legato:
    """Runs a command beside the server; it must succeed."""

    def run(*arguments: str, status: int = 0) -> CompletedProcess[str]:
        done = run_legato(*arguments, data=server.data, env=env)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def track(server: RunningServer) -> ReadyTrack:
    return server.ready_track(SMALL / "mono-8000.wav")


def wait_for(listener: Listener, status: int) -> httpx.Response:
    """The first answer with this status, which must come as soon as is promised."""
    return wait_until(
        lambda: answer if (answer := listener.get(CHUNK)).status_code == status else None,
        timeout_s=IN_FORCE_S,
    )


def refusal(answer: httpx.Response) -> str:
    code: str = answer.json()["error"]["code"]
    return code


def edge_list(server: RunningServer) -> httpx.Response:
    return server.web.get("/edge/denials")


def test_a_denied_grant_is_refused_and_another_is_not(
    server: RunningServer, track: ReadyTrack, legato: Legato
) -> None:
    denied, other = listener(server, track), listener(server, track)
    assert denied.get(CHUNK).status_code == other.get(CHUNK).status_code == 200

    said = legato("deny", "grant", f"{server.url}{denied.base}").stdout

    assert refusal(wait_for(denied, 403)) == "denied_grant"
    assert other.get(CHUNK).status_code == 200
    found = re.fullmatch(r"grant ([0-9a-f]{20}) is denied\n", said)
    assert found is not None
    assert f"\ngrant {found[1]} " in edge_list(server).text

    legato("allow", "grant", found[1])

    assert wait_for(denied, 200)
    assert "[no_denial]" in legato("allow", "grant", found[1], status=1).stderr


def test_a_tenants_denial_ends_a_tracks_grants_so_far_and_no_later_ones(
    server: RunningServer, track: ReadyTrack
) -> None:
    before = listener(server, track)

    denied = server.api.post(f"/v1/tracks/{track.track_id}/deny")

    assert denied.status_code == 200
    assert refusal(wait_for(before, 403)) == "denied_grant"
    wait_until(lambda: listener(server, track).get(CHUNK).status_code == 200)
    assert server.api.post(f"/v1/tracks/{'0' * 20}/deny").status_code == 404


def test_edges_are_told_what_is_denied_and_that_nothing_has_changed(
    server: RunningServer, legato: Legato, track: ReadyTrack
) -> None:
    legato("deny", "track", track.track_id)
    told = wait_until(
        lambda: answer if track.track_id in (answer := edge_list(server)).text else None
    )
    as_of, *denials = told.text.splitlines()

    assert re.fullmatch(r"as-of [0-9]{10}", as_of)
    assert all(re.fullmatch(r"(grant|track) [0-9a-f]{20} [0-9]{10} [0-9]{10}", d) for d in denials)
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["content-type"].startswith("text/plain")

    again = server.web.get("/edge/denials", headers={"if-none-match": told.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (
        304, b"", told.headers["etag"],
    )  # fmt: skip
    stranger = httpx.get(f"{server.url}/edge/denials")
    assert (stranger.status_code, refusal(stranger)) == (403, "not_the_edge")

    legato("allow", "track", track.track_id)
    wait_until(lambda: edge_list(server).headers["etag"] != told.headers["etag"])


def test_a_rotation_is_picked_up_and_old_tokens_are_good_until_their_key_is_dropped(
    server: RunningServer, track: ReadyTrack, legato: Legato
) -> None:
    old = listener(server, track)
    assert wait_for(old, 200)
    assert legato("key", "rotate", "--stage").stdout.startswith("k2 is staged")
    assert legato("key", "list").stdout == "k1 signs\nk2 staged\n"
    assert legato("key", "rotate").stdout.startswith("k2 signs from now on")

    def plays_with_new_key() -> bool:
        base: str = server.api.post(f"/v1/tracks/{track.track_id}/play").json()["base_url"]
        return "/t/1.k2." in base and server.web.get(base + CHUNK).status_code == 200

    wait_until(plays_with_new_key, timeout_s=IN_FORCE_S)
    assert old.get(CHUNK).status_code == 200
    assert "[key_signs]" in legato("key", "drop", "k2", status=1).stderr

    dropped = legato("key", "drop", "k1")

    assert dropped.stdout == "k1 is dropped\n"
    assert "signed with k1 may have been good until" in dropped.stderr
    assert refusal(wait_for(old, 403)) == "bad_token"
    assert listener(server, track).get(CHUNK).status_code == 200


def test_keys_are_shown_to_edges_only(legato: Legato) -> None:
    nginx, env = (legato("key", "export", "--format", form).stdout for form in ("nginx", "env"))
    cloudfront = json.loads(legato("key", "export", "--format", "cloudfront").stdout)

    found = re.fullmatch(r'"(k\d+)" "([A-Za-z0-9+/]{43}=)";\n', nginx)
    assert found is not None
    assert cloudfront == {"data": [{"key": found[1], "value": found[2]}]}
    assert env == f"LEGATO_SIGNING_KEYS={found[1]}:{found[2]}\n"
    assert found[2] not in legato("key", "list").stdout


def test_keys_that_are_set_are_changed_by_whoever_set_them(tmp_path: Path) -> None:
    first = run_legato("key", "rotate", data=tmp_path / "a")
    exported = run_legato("key", "export", "--format", "env", data=tmp_path / "a").stdout.strip()
    name, _, value = exported.partition("=")

    done = run_legato("key", "rotate", data=tmp_path / "b", env={name: value})

    assert first.returncode == done.returncode == 0
    assert done.stdout.startswith(f"{name}=k3:")
    assert done.stdout.strip().endswith(value)
    assert not (tmp_path / "b" / "keys").exists()


def test_a_takedown_is_proven_at_every_edge_while_another_track_plays_on(
    server: RunningServer, track: ReadyTrack, legato: Legato, edge: FakeEdge
) -> None:
    same = server.ready_track(SMALL / "mono-8000.wav", title="The same again")
    assert (same.asset_id, same.track_id != track.track_id) == (track.asset_id, True)
    down, plays_on = listener(server, track), listener(server, same)
    assert down.get(CHUNK).status_code == plays_on.get(CHUNK).status_code == 200

    said = legato("takedown", track.track_id, "--reason", "the artist asked").stdout

    assert "another track plays the same audio: edges keep it" in said
    assert refusal(wait_for(down, 403)) == "denied_grant"
    assert plays_on.get(CHUNK).status_code == 200
    play = server.api.post(f"/v1/tracks/{track.track_id}/play")
    assert (play.status_code, refusal(play)) == (410, "taken_down")
    assert edge.asked == []

    last = json.loads(legato("takedown", same.track_id, "--reason", "it too", "--json").stdout)

    assert (last["purged"], last["reason"]) == (True, "it too")
    [asked] = last["edges"]
    assert (asked["edge"], asked["error"]) == (f"nginx={edge.url}", None)
    assert asked["confirmed_after_s"] < IN_FORCE_S
    assert edge.purged == [track.asset_id]
    assert edge.asked[0].headers["x-legato-edge-secret"] == SECRET
    assert plays_on.get(CHUNK).status_code in (403, 410)


def test_a_takedown_by_its_tenant_is_purged_by_the_server_once_the_edge_is_back(
    server: RunningServer, track: ReadyTrack, legato: Legato, edge: FakeEdge
) -> None:
    restored = server.api.post(f"/v1/tracks/{track.track_id}/restore").json()
    assert restored == {"track_id": track.track_id, "taken_down_at": None, "reason": None}
    wait_until(lambda: listener(server, track).get(CHUNK).status_code == 200, timeout_s=10)
    edge.asked.clear()
    edge.away()

    down = server.api.post(f"/v1/tracks/{track.track_id}/takedown", json={"reason": "a dispute"})

    assert down.status_code == 200
    assert sorted(down.json()) == ["reason", "taken_down_at", "track_id"]  # no word of edges
    missing = legato("takedown", track.track_id, "--reason", "x", "--wait", "0", status=1).stdout
    assert f"nginx={edge.url} has not confirmed" in missing
    edge.back()
    wait_until(lambda: edge.purged == [track.asset_id])
    assert wait_until(lambda: '"event": "edge_purged"' in server.log)
    legato("takedown", track.track_id, "--reason", "x")

    legato("takedown", track.track_id, "--undo")
    wait_until(lambda: listener(server, track).get(CHUNK).status_code == 200, timeout_s=10)


def test_a_takedown_needs_a_reason_and_a_track(legato: Legato, server: RunningServer) -> None:
    assert "[no_reason]" in legato("takedown", "0" * 20, status=1).stderr
    assert "[no_track]" in legato("takedown", "0" * 20, "--reason", "x", status=1).stderr
    answer = server.api.post(f"/v1/tracks/{'0' * 20}/takedown", json={"reason": ""})
    assert answer.status_code == 422


def test_no_key_and_no_secret_is_in_the_log(server: RunningServer, legato: Legato) -> None:
    exported = legato("key", "export").stdout
    for secret in (SECRET, *re.findall(r'"([A-Za-z0-9+/]{43}=)"', exported), "/t/1."):
        assert secret not in server.log
