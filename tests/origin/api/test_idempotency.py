"""What is sent again under its Idempotency-Key is answered again, and done once."""

import socket
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from fixtures.edge_cases import SMALL
from legato.catalog.accounts import api_keys
from legato.catalog.schema import TenantRow
from legato.deployment import Deployment
from legato.ingest.uploads.upload_folder import UploadFolder
from legato.origin.api.idempotency import parse_key
from tests.running import RunningServer
from tests.tenants import made_tenant

MONO = (SMALL / "mono-8000.wav").read_bytes()


@pytest.fixture
def client(server: RunningServer, beside: Deployment) -> Iterator[httpx.Client]:
    """A tenant of its own."""
    with beside.database.write() as session:
        tenant_id = made_tenant(session, str(uuid4()))
        key = api_keys.create_api_key(session, tenant_id, "for the test")
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=15) as opened:
        yield opened


def named(key: str = "one") -> dict[str, str]:
    return {"idempotency-key": f'"{key}"'}


def upload(client: httpx.Client, body: bytes = MONO, **form: str) -> httpx.Response:
    """Each time with another boundary, as clients do."""
    return client.post("/v1/tracks", data=form, files={"file": ("a.wav", body)}, headers=named())


def said(answer: httpx.Response) -> tuple[int, str, str | None]:
    again = answer.headers.get("idempotency-replayed")
    return answer.status_code, answer.json().get("code", ""), again


def test_an_upload_that_is_sent_again_is_one_track(client: httpx.Client) -> None:
    first, again = upload(client, title="One"), upload(client, title="One")

    assert (said(first), said(again)) == ((202, "", None), (202, "", "true"))
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(client.get("/v1/tracks").json()["tracks"]) == 1


@pytest.mark.parametrize("change", ["title", "byte", "field", "path"])
def test_another_request_under_the_key_is_refused(client: httpx.Client, change: str) -> None:
    upload(client, title="One")

    if change == "title":
        other = upload(client, title="Two")
    elif change == "byte":
        other = upload(client, MONO[:-1] + b"\x01", title="One")
    elif change == "field":
        other = upload(client, title="One", artist="Somebody")
    else:
        other = client.post("/v1/keys", json={"label": "x", "scopes": ["read"]}, headers=named())

    assert said(other) == (422, "idempotency_key_reused", None)
    assert len(client.get("/v1/tracks").json()["tracks"]) == 1
    assert len(client.get("/v1/keys").json()["keys"]) == 1


def test_a_key_is_its_tenants_own(client: httpx.Client, server: RunningServer) -> None:
    ours = upload(client)

    theirs = server.api.post("/v1/tracks", files={"file": ("a.wav", MONO)}, headers=named())

    assert said(theirs) == (202, "", None)
    assert theirs.json()["track_id"] != ours.json()["track_id"]


def test_while_the_first_is_under_way_the_second_is_told_to_wait(
    client: httpx.Client, server: RunningServer
) -> None:
    head = (
        "POST /v1/keys HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        f"authorization: {client.headers['authorization']}\r\ncontent-type: application/json\r\n"
    )
    body = b'{"label": "x", "scopes": ["read"]}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as first:
        first.sendall(f'{head}idempotency-key: "one"\r\nexpect: 100-continue\r\n'.encode())
        first.sendall(f"content-length: {len(body)}\r\n\r\n".encode())
        assert b"100 Continue" in first.recv(100)  # the application waits for the body
        second = client.post("/v1/keys", content=body, headers=named())
        first.sendall(body)
        answer = b"".join(iter(lambda: first.recv(65536), b""))

    assert (said(second), second.headers["retry-after"]) == (
        (409, "idempotency_in_progress", None), "1",
    )  # fmt: skip
    assert answer.startswith(b"HTTP/1.1 201 ")
    headers = {**named(), "content-type": "application/json"}
    assert said(client.post("/v1/keys", content=body, headers=headers)) == (201, "", "true")


def test_a_sender_who_hangs_up_in_the_middle_may_send_it_again(
    client: httpx.Client, server: RunningServer
) -> None:
    head = (
        "POST /v1/keys HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n"
        f"authorization: {client.headers['authorization']}\r\ncontent-type: application/json\r\n"
        'idempotency-key: "one"\r\nexpect: 100-continue\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as first:
        first.sendall(head.encode())
        assert b"100 Continue" in first.recv(100)
        first.sendall(b'{"label":')

    wanted = {"label": "x", "scopes": ["read"]}
    answers = iter(lambda: client.post("/v1/keys", json=wanted, headers=named()), None)
    done = next(answer for answer in answers if answer.status_code != 409)

    assert said(done) == (201, "", None)
    assert len(client.get("/v1/keys").json()["keys"]) == 2


def test_an_upload_in_pieces_is_begun_once(client: httpx.Client) -> None:
    headers = {**named(), "tus-resumable": "1.0.0", "upload-length": "1000"}

    first, again = (client.post("/v1/uploads", headers=headers) for _ in range(2))
    other = client.post("/v1/uploads", headers={**headers, "upload-length": "1001"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert said(other) == (422, "idempotency_key_reused", None)
    assert client.get("/v1/tenant").json()["uploads"]["used"] == 1


def test_a_refusal_is_answered_again_too(client: httpx.Client) -> None:
    first, again = (client.post("/v1/tracks/0123/deny", headers=named()) for _ in range(2))

    assert said(first) == (404, "no_track", None)
    assert said(again) == (404, "no_track", "true")
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("quota", "code"), [
    (TenantRow.max_tracks, "quota_tracks"), (TenantRow.max_bytes, "quota_bytes"),
])  # fmt: skip
def test_a_quota_that_was_full_is_asked_anew(
    client: httpx.Client,
    beside: Deployment,
    quota: InstrumentedAttribute[int | None],
    code: str,
) -> None:
    name = client.get("/v1/tenant").json()["name"]

    def limit(most: int | None) -> None:
        with beside.database.write() as session:
            session.execute(update(TenantRow).where(TenantRow.name == name).values({quota: most}))

    limit(0)
    full = upload(client)
    limit(None)

    assert said(full) == (403, code, None)
    assert said(upload(client)) == (202, "", None)


def test_an_upload_that_another_had_in_hand_is_asked_for_anew(
    client: httpx.Client, beside: Deployment
) -> None:
    tus = {"tus-resumable": "1.0.0"}
    begun = client.post("/v1/uploads", headers={**tus, "upload-length": "1000"})
    part = {**named(), **tus, "upload-offset": "0"}
    part["content-type"] = "application/offset+octet-stream"
    place = begun.headers["location"]
    in_hand = UploadFolder(beside.settings.scratch / "uploads").hold(place.rpartition("/")[2])
    assert in_hand is not None

    with in_hand:
        refused = client.patch(place, content=b"some", headers=part)
    sent = client.patch(place, content=b"some", headers=part)

    assert said(refused) == (423, "upload_locked", None)
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, "4")


def test_a_secret_is_not_answered_again(client: httpx.Client, beside: Deployment) -> None:
    wanted = {"label": "x", "scopes": ["read"]}

    first, again = (client.post("/v1/keys", json=wanted, headers=named()) for _ in range(2))

    assert first.json()["key"].startswith("lk_")
    assert again.json() == {**first.json(), "key": None}
    stored = b"".join(path.read_bytes() for path in beside.settings.data.glob("catalog.sqlite3*"))
    assert first.json()["key_id"].encode() in stored
    assert first.json()["key"].encode() not in stored


def test_a_change_by_delete_or_patch_may_have_a_key_too(client: httpx.Client) -> None:
    track_id = client.post("/v1/tracks", files={"file": ("a.wav", MONO)}).json()["track_id"]
    path = f"/v1/tracks/{track_id}"

    changed = [client.patch(path, json={"title": "New"}, headers=named()) for _ in range(2)]
    made = client.post("/v1/keys", json={"label": "x", "scopes": ["read"]}).json()["key_id"]
    ended = [client.delete(f"/v1/keys/{made}", headers=named("two")) for _ in range(2)]

    assert [said(one) for one in changed] == [(200, "", None), (200, "", "true")]
    assert [one.status_code for one in ended] == [204, 204]
    assert [one.headers.get("idempotency-replayed") for one in ended] == [None, "true"]


def test_to_play_changes_nothing_and_is_answered_anew(client: httpx.Client) -> None:
    answers = [client.post("/v1/tracks/0123/play", headers=named()) for _ in range(2)]

    assert [said(one) for one in answers] == [(404, "no_track", None)] * 2


def test_addresses_for_parts_are_made_anew(client: httpx.Client) -> None:
    path = "/v1/direct-uploads/0123/addresses"

    answers = [client.post(path, json={}, headers=named()) for _ in range(2)]

    assert [said(one) for one in answers] == [(422, "bad_request", None)] * 2


@pytest.mark.parametrize(
    ("field", "key"),
    [
        (b'"8e03978e-40d5"', "8e03978e-40d5"),
        (b"8e03978e-40d5", "8e03978e-40d5"),
        (rb'"a \" and a \\"', r'a " and a \\'[:-1]),
        (b'"' + b"a" * 255 + b'"', "a" * 255),
    ],
)
def test_a_key_may_stand_in_quotes(field: bytes, key: str) -> None:
    assert parse_key(field) == key


@pytest.mark.parametrize(
    "field", ["", '""', '"a', 'a"', '"a\\b"', '"a";b=1', "a b", "a, b", "x" * 256, "é"]
)
def test_a_key_that_is_none_is_refused(client: httpx.Client, field: str) -> None:
    headers = [(b"idempotency-key", field.encode())]

    refused = client.post("/v1/tracks/0123/deny", headers=headers)

    assert said(refused) == (400, "bad_idempotency_key", None)


def test_without_a_good_api_key_nothing_is_kept(server: RunningServer) -> None:
    refused = [server.web.post("/v1/tracks/0123/deny", headers=named()) for _ in range(2)]

    assert [said(one) for one in refused] == [(401, "no_api_key", None)] * 2
