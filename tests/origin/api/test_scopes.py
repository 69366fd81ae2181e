"""A key may do what its scopes say, on every route that there is, until it is revoked."""

import re
from collections.abc import Iterator

import httpx
import pytest

from legato.catalog.accounts import api_keys
from legato.catalog.accounts.api_keys import Scope
from legato.deployment import Deployment
from tests.running import RunningServer, run_legato
from tests.tenants import made_tenant

# Listeners ask for it, who have a token of their own or none.
FOR_LISTENERS = {("post", "/v1/tracks/{track_id}/play")}
FOR_ADMINS = ("/v1/keys", "/v1/audit", "/v1/webhooks", "/v1/reviews")


def needed(method: str, path: str) -> Scope:
    """By the rule: `admin` looks after what is not music, `read` reads, `upload` changes."""
    if path.startswith(FOR_ADMINS):
        return Scope.ADMIN
    if path.startswith(
        ("/v1/uploads", "/v1/direct-uploads")
    ):  # who sends looks after what is on its way
        return Scope.UPLOAD
    return Scope.READ if method == "get" else Scope.UPLOAD


@pytest.fixture(scope="module")
def by_scope(server: RunningServer) -> Iterator[dict[Scope, httpx.Client]]:
    """A client for each scope, with a key that has no other."""
    clients = {}
    for scope in Scope:
        made = server.api.post("/v1/keys", json={"label": f"may {scope}", "scopes": [scope]})
        headers = {"authorization": f"Bearer {made.json()['key']}"}
        clients[scope] = httpx.Client(base_url=server.url, headers=headers)
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(scope="module")
def routes(server: RunningServer) -> list[tuple[str, str]]:
    """Every method and path of the API's description that belongs to somebody."""
    described = server.web.get("/openapi.json").json()["paths"]
    found = {(method, path) for path, methods in described.items() for method in methods}
    own = {(method, path) for method, path in found if path.startswith("/v1/")} - FOR_LISTENERS
    assert len(own) >= 12
    return sorted(own)


def ask(client: httpx.Client, method: str, path: str) -> tuple[int, str]:
    answer = client.request(method, re.sub(r"\{\w+\}", "0123", path))
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


def test_no_route_answers_without_a_key(
    server: RunningServer, routes: list[tuple[str, str]]
) -> None:
    answers = {(method, path): ask(server.web, method, path) for method, path in routes}

    assert set(answers.values()) == {(401, "no_api_key")}, answers


def test_a_route_takes_its_scope_and_no_other(
    by_scope: dict[Scope, httpx.Client], routes: list[tuple[str, str]]
) -> None:
    for method, path in routes:
        answers = {scope: ask(client, method, path) for scope, client in by_scope.items()}
        refused = {scope for scope, answer in answers.items() if answer == (403, "scope")}
        assert refused == set(Scope) - {needed(method, path)}, f"{method} {path}: {answers}"


def test_a_key_of_the_command_line_has_the_scopes_it_was_given(server: RunningServer) -> None:
    made = run_legato("key", "create", "--scope", "read", data=server.data).stdout.strip()
    headers = {"authorization": f"Bearer {made}"}

    read, changed = (
        server.web.request(method, "/v1/tracks", headers=headers) for method in ("GET", "POST")
    )

    assert (read.status_code, changed.status_code) == (200, 403)
    assert "found the scopes read, expected upload" in changed.json()["detail"]


def test_a_key_that_is_revoked_is_refused_by_the_next_request(server: RunningServer) -> None:
    """Though it was found good before, which the counting of rates remembers."""
    made = server.api.post("/v1/keys", json={"label": "short-lived", "scopes": ["read"]}).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    assert server.web.get("/v1/tracks", headers=headers).status_code == 200

    revoked = [server.api.delete(f"/v1/keys/{made['key_id']}").status_code for _ in range(2)]

    refused = server.web.get("/v1/tracks", headers=headers)
    assert revoked == [204, 204]
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_api_key")
    listed = {one["key_id"]: one for one in server.api.get("/v1/keys").json()["keys"]}
    assert listed[made["key_id"]]["revoked_at"] is not None


def test_a_key_may_be_revoked_from_the_command_line(server: RunningServer) -> None:
    made = server.api.post("/v1/keys", json={"label": "ends at once", "scopes": ["read"]}).json()
    listed = run_legato("key", "list", "--api", data=server.data).stdout
    assert f"{made['key_id']} local: ends at once, read " in listed
    assert made["key"] not in listed

    done = run_legato("key", "revoke", made["key_id"], data=server.data)

    headers = {"authorization": f"Bearer {made['key']}"}
    assert done.stdout == f"key {made['key_id']} is revoked\n"
    assert server.web.get("/v1/tracks", headers=headers).status_code == 401


def test_a_key_shows_its_secret_once_and_another_tenants_is_not_there(
    server: RunningServer, beside: Deployment
) -> None:
    with beside.database.write() as session:
        theirs = api_keys.create_api_key(session, made_tenant(session, "theirs"), "own")
    headers = {"authorization": f"Bearer {theirs}"}
    ours = server.api.post("/v1/keys", json={"label": "ours", "scopes": ["read"]}).json()

    listed = server.web.get("/v1/keys", headers=headers).json()["keys"]
    refused = server.web.delete(f"/v1/keys/{ours['key_id']}", headers=headers)

    assert [one["scopes"] for one in listed] == [["admin", "read", "upload"]]
    assert refused.status_code == 404
    assert ours["key"] not in server.api.get("/v1/keys").text
