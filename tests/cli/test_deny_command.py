"""`legato deny` and `allow`: in force without a restart, and never of what is no grant."""

import re
import time
from collections.abc import Callable

import httpx
import pytest
from typer.testing import Result

from legato.catalog import denials, takedowns, tracks
from legato.deployment import Deployment
from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import MAX_GRANT_TTL_S
from tests.cli.behind_an_edge import CHUNK, Legato, refusal, wait_for
from tests.origin.edges.ready_track import ASSET_ID, add_ready_track
from tests.origin.listening import listener
from tests.running import ReadyTrack, RunningServer, wait_until

Command = Callable[..., Result]
KEYS = SigningKeys(by_id={"k20261115142233123": bytes(32)})


def edge_list(server: RunningServer) -> httpx.Response:
    return server.web.get("/edge/denials")


def test_a_denied_grant_is_refused_and_another_is_not(
    guarded: RunningServer, track: ReadyTrack, legato: Legato
) -> None:
    denied, other = listener(guarded, track), listener(guarded, track)
    assert denied.get(CHUNK).status_code == other.get(CHUNK).status_code == 200

    said = legato("deny", "grant", f"{guarded.url}{denied.base}").stdout

    assert refusal(wait_for(denied, 403)) == "denied_grant"
    assert other.get(CHUNK).status_code == 200
    found = re.fullmatch(r"grant ([0-9a-f]{20}) is denied\n", said)
    assert found is not None
    assert f"\ngrant {found[1]} " in edge_list(guarded).text

    legato("allow", "grant", found[1])

    assert wait_for(denied, 200)
    assert "[no_denial]" in legato("allow", "grant", found[1], status=1).stderr


def test_a_tenants_denial_ends_a_tracks_grants_so_far_and_no_later_ones(
    guarded: RunningServer, track: ReadyTrack
) -> None:
    before = listener(guarded, track)

    denied = guarded.api.post(f"/v1/tracks/{track.track_id}/deny")

    assert denied.status_code == 200
    assert refusal(wait_for(before, 403)) == "denied_grant"
    wait_until(lambda: listener(guarded, track).get(CHUNK).status_code == 200)
    assert guarded.api.post(f"/v1/tracks/{'0' * 20}/deny").status_code == 404


def test_edges_are_told_what_is_denied_and_that_nothing_has_changed(
    guarded: RunningServer, legato: Legato, track: ReadyTrack
) -> None:
    legato("deny", "track", track.track_id)
    told = wait_until(
        lambda: answer if track.track_id in (answer := edge_list(guarded)).text else None
    )
    as_of, *listed = told.text.splitlines()

    assert re.fullmatch(r"as-of [0-9]{10}", as_of)
    assert all(re.fullmatch(r"(grant|track) [0-9a-f]{20} [0-9]{10} [0-9]{10}", d) for d in listed)
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["content-type"].startswith("text/plain")

    again = guarded.web.get("/edge/denials", headers={"if-none-match": told.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (
        304, b"", told.headers["etag"],
    )  # fmt: skip
    stranger = httpx.get(f"{guarded.url}/edge/denials")
    assert (stranger.status_code, refusal(stranger)) == (403, "not_the_edge")

    legato("allow", "track", track.track_id)
    wait_until(lambda: edge_list(guarded).headers["etag"] != told.headers["etag"])


@pytest.fixture
def track_id(catalogue: Deployment, monkeypatch: pytest.MonkeyPatch) -> str:
    """A track whose id might as well be that of a grant of now."""
    grant_id = grant().grant_id
    monkeypatch.setattr(tracks, "new_id", lambda: grant_id)
    return add_ready_track(catalogue)


def grant(country: str | None = None) -> Grant:
    return new_grant(
        track_id="588598bbcda44dee6755", asset_id=ASSET_ID, expires_at_s=4_000_000_000,
        highest_bps=320_000, country=country,
    )  # fmt: skip


def denied(catalogue: Deployment) -> list[str]:
    with catalogue.database.read() as session:
        return [one.subject for one in denials.current(session)]


@pytest.mark.parametrize("country", [None, "DE"])
@pytest.mark.parametrize(
    "form", ["{grant}", "{token}", "https://a.example/x/t/{token}/audio/" + ASSET_ID + "/a.ogg"]
)
def test_a_grant_is_found_by_its_id_its_token_and_its_address(
    command: Command, catalogue: Deployment, form: str, country: str | None
) -> None:
    given = grant(country)
    text = form.format(grant=given.grant_id, token=write_path_token(given, KEYS))

    assert command("deny", "grant", text).output == f"grant {given.grant_id} is denied\n"

    assert denied(catalogue) == [given.grant_id]
    assert command("allow", "grant", text).exit_code == 0
    assert denied(catalogue) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "0123", "z" * 20, ASSET_ID, "588598bbcda44dee675",
        f"{int(time.time()) + 3600:08x}b6304266e9aa",  # made in an hour
        f"{int(time.time()) - MAX_GRANT_TTL_S - 10:08x}b6304266e9aa",  # over by itself
        f"https://a.example/audio/{ASSET_ID}/?Policy={'6a3f5c2e7db6304266e9'}",
    ],
    ids=["empty", "short", "no digits", "an asset", "a digit less", "made later", "over", "a URL"],
)  # fmt: skip
def test_what_can_be_no_grant_is_refused_and_denies_nothing(
    command: Command, catalogue: Deployment, text: str
) -> None:
    done = command("deny", "grant", text)

    assert (done.exit_code, "[bad_grant_id]" in done.output) == (1, True)
    assert denied(catalogue) == []


def test_a_tracks_id_is_no_grants(command: Command, catalogue: Deployment, track_id: str) -> None:
    done = command("deny", "grant", track_id)

    assert (done.exit_code, "[bad_grant_id]" in done.output) == (1, True)
    assert denied(catalogue) == []


def test_a_track_that_is_down_is_not_allowed_but_restored(
    command: Command, catalogue: Deployment, track_id: str
) -> None:
    assert command("takedown", track_id, "--reason", "a dispute").exit_code == 0

    done = command("allow", "track", track_id)

    assert (done.exit_code, "--undo` restores it [taken_down]" in done.output) == (1, True)
    assert denied(catalogue) == [ASSET_ID, track_id]
    with catalogue.database.write() as session:
        assert takedowns.mark_restored(session, track_id)
    assert command("allow", "track", track_id).exit_code == 0
