"""What a tenant may know of itself: its quotas, and who has changed what."""

from collections.abc import Iterator

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog.accounts import api_keys, tenants
from legato.catalog.accounts.quotas import Quotas
from legato.catalog.accounts.tenants import TenantKind
from legato.deployment import Deployment
from legato.origin.edges.takedown import restore
from tests.running import RunningServer, run_legato

MONO = SMALL / "mono-8000.wav"


@pytest.fixture(scope="module")
def small(server: RunningServer, beside: Deployment) -> Iterator[httpx.Client]:
    """An artist who may have two tracks, and one and a half masters."""
    quotas = Quotas(max_tracks=2, max_bytes=MONO.stat().st_size * 3 // 2)
    with beside.database.write() as session:
        made = tenants.create_tenant(session, "small", TenantKind.ARTIST, quotas)
        key = api_keys.create_api_key(session, made.tenant_id, "for the test")
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        yield client


def send(client: httpx.Client, master: bytes) -> httpx.Response:
    return client.post("/v1/tracks", files={"file": ("a.wav", master)})


def test_a_quota_stops_what_would_go_over_it_and_nothing_else(small: httpx.Client) -> None:
    master = MONO.read_bytes()
    first, other = send(small, master), send(small, master[:-2])
    again = send(small, master)  # its own master again costs no bytes, but is a track
    third = send(small, master)

    assert (first.status_code, again.status_code) == (202, 202)
    assert (other.status_code, other.json()["code"]) == (403, "quota_bytes")
    assert (third.status_code, third.json()["code"]) == (403, "quota_tracks")
    assert "found 3 tracks with this one, expected 2 at most" in third.json()["detail"]
    told = small.get("/v1/tenant").json()
    assert (told["name"], told["kind"]) == ("small", "artist")
    assert told["tracks"] == {"used": 2, "most": 2}
    assert told["bytes"] == {"used": len(master), "most": len(master) * 3 // 2}
    assert told["uploads"] == {"used": 0, "most": None}


def test_changes_are_in_the_audit_log_of_their_tenant_alone(
    server: RunningServer, small: httpx.Client, beside: Deployment
) -> None:
    track_id = small.get("/v1/tracks").json()["tracks"][0]["track_id"]
    small.patch(f"/v1/tracks/{track_id}", json={"title": "Another"})
    small.post(f"/v1/tracks/{track_id}/deny")
    small.post(f"/v1/tracks/{track_id}/takedown", json={"reason": "a claim"})
    small.post(f"/v1/tracks/{track_id}/takedown", json={"reason": "once more"})
    restore(beside, track_id)

    entries = small.get("/v1/audit").json()["entries"]

    of_track = [one for one in entries if one["subject"] == track_id]
    assert [one["action"] for one in of_track] == [
        "track.restored", "track.taken_down", "track.denied", "track.changed", "track.created"
    ]  # fmt: skip
    assert of_track[1]["details"] == {"reason": "a claim"}
    assert of_track[3]["details"] == {"title": "Another"}
    key_id = small.get("/v1/keys").json()["keys"][0]["key_id"]
    assert [one["actor"] for one in of_track] == ["command line", *[f"key {key_id}"] * 4]
    assert {"tenant.created", "key.created"} <= {one["action"] for one in entries}
    assert track_id not in server.api.get("/v1/audit?limit=1000").text


def test_pages_of_the_audit_log_follow_each_other_to_the_end(small: httpx.Client) -> None:
    whole = [one["entry_id"] for one in small.get("/v1/audit?limit=1000").json()["entries"]]
    assert len(whole) >= 5

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(seen) <= len(whole):
        query = f"limit=2&cursor={cursor}" if cursor else "limit=2"
        page = small.get(f"/v1/audit?{query}").json()
        seen += [one["entry_id"] for one in page["entries"]]
        cursor = page["next_cursor"]

    assert seen == whole


def test_the_operator_sees_and_changes_what_a_tenant_may_have(
    server: RunningServer, small: httpx.Client
) -> None:
    changed = run_legato(
        "tenant", "change", "small", "--max-tracks", "none", "--max-uploads", "0", data=server.data
    )

    assert "small (artist): bytes 48044 of 72066, tracks 2, uploads 0 of 0" in changed.stdout
    refused = send(small, MONO.read_bytes())
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_uploads")
    logged = run_legato("audit", "--tenant", "small", "--limit", "1", data=server.data).stdout
    assert "command line: tenant.changed" in logged
    assert "max_tracks=None max_uploads=0" in logged
