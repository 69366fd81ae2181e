"""A real server tells a real receiver of a real ingest, also where its worker is killed."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from legato.catalog.accounts import api_keys
from legato.catalog.accounts.api_keys import EVERY_SCOPE, Scope
from legato.catalog.database import Database
from legato.catalog.schema import IdempotencyRow, WebhookMessageRow
from tests.origin.edges.fake_edge import Answer, Asked
from tests.origin.media.certificates import Authority
from tests.running import RunningServer, run_legato, wait_until
from tests.tenants import made_tenant
from tests.webhooks.receiver import Receiver, TlsReceiver, is_signed
from tests.workers.interfering import worker_of

PRIVATE = {"LEGATO_WEBHOOKS_PRIVATE": "1"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "receivers")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[RunningServer]:
    env = {**PRIVATE, "SSL_CERT_FILE": str(authority.certificate)}
    with RunningServer(tmp_path_factory.mktemp("webhooks") / "data", env) as running:
        yield running


@pytest.fixture(scope="module")
def database(server: RunningServer) -> Iterator[Database]:
    database = Database(f"sqlite:///{server.data}/catalog.sqlite3")
    yield database
    database.close()


def as_tenant(
    server: RunningServer, database: Database, name: str, scopes: frozenset[Scope] = EVERY_SCOPE
) -> httpx.Client:
    with database.write() as session:
        tenant_id = made_tenant(session, name)
        key = api_keys.create_api_key(session, tenant_id, "a test's", scopes)
    return httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"})


def test_an_ingest_is_told_signed_with_the_secret_that_was_shown_once(
    server: RunningServer, receiver: Receiver, edge_case: Callable[[str], Path]
) -> None:
    added = server.api.post("/v1/webhooks", json={"url": receiver.url}).json()

    track = server.ready_track(edge_case("exactly-5-seconds.flac"), title="Five seconds")

    wait_until(lambda: len(receiver.asked) == 2)
    assert sorted(receiver.events) == ["track.live", "track.ready"]
    assert {one["data"]["track_id"] for one in receiver.told} == {track.track_id}
    assert {one["data"]["asset_id"] for one in receiver.told} == {track.asset_id}
    assert all(is_signed(asked, added["secret"]) for asked in receiver.asked)
    listed = server.api.get("/v1/webhooks").json()["webhooks"]
    assert listed == [{name: added[name] for name in added if name != "secret"}]
    assert added["secret"] not in server.log
    assert server.api.delete(f"/v1/webhooks/{added['webhook_id']}").status_code == 204
    assert server.api.get("/v1/webhooks").json() == {"webhooks": []}


def test_a_receiver_shows_a_certificate_of_its_name_and_not_of_its_address(
    server: RunningServer, authority: Authority
) -> None:
    """It is for 127.0.0.1, and not for localhost, which leads there."""
    with TlsReceiver(authority.issue("receiver")) as receiver:
        named, wrong = (
            server.api.post(
                "/v1/webhooks", json={"url": f"https://{name}:{receiver.port}/"}
            ).json()["webhook_id"]
            for name in ("127.0.0.1", "localhost")
        )
        for webhook_id in (wrong, named):
            server.api.post(f"/v1/webhooks/{webhook_id}/test")

        unheard = wait_until(lambda: error_of(server, wrong))
        wait_until(lambda: receiver.asked)

    assert "its certificate is not good (Hostname mismatch, " in unheard
    assert [body["data"]["webhook_id"] for body in receiver.told] == [named]
    for webhook_id in (wrong, named):
        server.api.delete(f"/v1/webhooks/{webhook_id}")


def error_of(server: RunningServer, webhook_id: str) -> str | None:
    [message] = server.api.get(f"/v1/webhooks/{webhook_id}/messages").json()["messages"]
    error: str | None = message["error"]
    return error


def let_hang(receiver: Receiver) -> tuple[threading.Event, threading.Event]:
    """Whoever calls waits: told when somebody has called, and when that is to be over."""
    called, over = threading.Event(), threading.Event()

    def hang(_asked: Asked) -> Answer:
        called.set()
        over.wait(30)
        return 200, b""

    receiver.answer = hang
    return called, over


def test_a_webhook_is_pinged_once_at_a_time(server: RunningServer, receiver: Receiver) -> None:
    called, over = let_hang(receiver)
    added = server.api.post("/v1/webhooks", json={"url": receiver.url}).json()
    webhook = f"/v1/webhooks/{added['webhook_id']}"

    first = server.api.post(f"{webhook}/test")
    wait_until(called.is_set)
    second = server.api.post(f"{webhook}/test")
    over.set()

    assert first.status_code == 202
    assert (second.status_code, second.json()["code"]) == (409, "ping_open")
    wait_until(lambda: server.api.post(f"{webhook}/test").status_code == 202)


def test_the_secret_is_shown_once_also_to_who_sends_the_request_again(
    server: RunningServer, database: Database
) -> None:
    wanted, key = {"url": "http://127.0.0.1:1/"}, {"idempotency-key": '"one"'}

    with as_tenant(server, database, "a stubborn one") as stubborn:
        first, again = (stubborn.post("/v1/webhooks", json=wanted, headers=key) for _ in range(2))

    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first.json(), "secret": None}
    with database.read() as session:
        kept = "".join(body or "" for body in session.scalars(select(IdempotencyRow.body)))
    assert first.json()["webhook_id"] in kept
    assert secret not in kept


def test_a_worker_that_is_killed_while_it_tells_is_followed_by_one_that_does(
    server: RunningServer, database: Database, receiver: Receiver
) -> None:
    called, over = let_hang(receiver)
    added = server.api.post("/v1/webhooks", json={"url": receiver.url}).json()
    webhook = f"/v1/webhooks/{added['webhook_id']}"
    message_id = server.api.post(f"{webhook}/test").json()["message_id"]
    wait_until(called.is_set)
    killed = worker_of(server)
    assert killed is not None

    os.kill(killed.pid, signal.SIGKILL)
    over.set()
    receiver.answer = lambda _asked: (200, b"")
    with database.write() as session:
        session.execute(update(WebhookMessageRow).values(due_at_ms=0))  # its lease has passed

    wait_until(lambda: len(receiver.ids) == 2)
    assert receiver.ids == [message_id] * 2
    [message] = wait_until(
        lambda: [
            one
            for one in server.api.get(f"{webhook}/messages").json()["messages"]
            if one["state"] == "heard"
        ]
    )
    assert (message["message_id"], message["attempts"]) == (message_id, 2)


def test_a_webhook_is_its_tenants_own_and_an_admins(
    server: RunningServer, database: Database, receiver: Receiver
) -> None:
    added = server.api.post("/v1/webhooks", json={"url": receiver.url}).json()
    path = f"/v1/webhooks/{added['webhook_id']}"

    with as_tenant(server, database, "another") as other:
        assert other.get("/v1/webhooks").json() == {"webhooks": []}
        assert {
            other.delete(path).status_code,
            other.post(f"{path}/test").status_code,
            other.get(f"{path}/messages").status_code,
        } == {404}
    reader = frozenset({Scope.READ, Scope.UPLOAD})
    with as_tenant(server, database, "another", reader) as other:
        assert {
            other.get("/v1/webhooks").status_code,
            other.post("/v1/webhooks", json={"url": receiver.url}).status_code,
        } == {403}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"url": "ftp://127.0.0.1/"}, 400),
        ({"url": "http://user:pass@127.0.0.1/"}, 400),
        ({"url": "http://127.0.0.1/", "events": []}, 422),
        ({"url": "http://127.0.0.1/", "events": ["track.heard"]}, 422),
        ({"url": "http://127.0.0.1/", "secret": "mine"}, 422),
        ({}, 422),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(
    server: RunningServer, wanted: dict[str, object], status: int
) -> None:
    assert server.api.post("/v1/webhooks", json=wanted).status_code == status


def test_a_tenant_has_ten_webhooks_and_no_more(server: RunningServer, database: Database) -> None:
    with as_tenant(server, database, "a busy one") as busy:
        answers = [
            busy.post("/v1/webhooks", json={"url": "http://127.0.0.1:1/"}) for _ in range(11)
        ]

    assert [one.status_code for one in answers] == [201] * 10 + [409]


def test_the_command_line_adds_and_lists_and_guards_our_own_network(server: RunningServer) -> None:
    data, url = server.data, "http://127.0.0.1:1/"

    refused = run_legato("webhook", "add", url.replace("http", "https"), data=data)
    added = run_legato("webhook", "add", url, "--event", "track.live", data=data, env=PRIVATE)
    webhook_id, secret = added.stdout.split()
    listed = run_legato("webhook", "list", data=data).stdout

    assert (refused.returncode, "[bad_webhook_url]" in refused.stderr) == (1, True)
    assert secret.startswith("whsec_")
    [line] = [line for line in listed.splitlines() if webhook_id in line]
    assert line.endswith(f"{url}  track.live")
    assert secret not in listed
