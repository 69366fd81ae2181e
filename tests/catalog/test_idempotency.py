"""The row of an idempotency key: whose a request is, and that a change is tied to it."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import update

from legato.catalog.accounts import audit, idempotency, tenants
from legato.catalog.accounts.idempotency import KEPT_S, KeptAnswer, Reservation
from legato.catalog.database import Database, now_ms
from legato.catalog.schema import IdempotencyRow
from legato.errors import BadInput, LegatoError, Unavailable

ANSWER = KeptAnswer(request_hash="hash", status=201, headers={"location": "/there"}, body="{}")


@pytest.fixture
def reserve(database: Database) -> Callable[[], Reservation | KeptAnswer]:
    with database.write() as session:
        tenant_id = tenants.ensure_tenant(session)

    def ask() -> Reservation | KeptAnswer:
        with database.write() as session:
            return idempotency.reserve(session, tenant_id, "one", lease_s=60)

    return ask


def taken(reserve: Callable[[], Reservation | KeptAnswer]) -> Reservation:
    found = reserve()
    assert isinstance(found, Reservation)
    return found


def change(database: Database, ours: Reservation, subject: str = "t1") -> None:
    with idempotency.in_hand(ours), database.write() as session:
        audit.record(
            session, tenant_id=ours.tenant_id, actor="key 0123", action="track.created",
            subject=subject,
        )  # fmt: skip


def set_row(database: Database, **values: int | str | None) -> None:
    with database.write() as session:
        session.execute(update(IdempotencyRow).values(**values))


def code_of(reserve: Callable[[], object]) -> str:
    with pytest.raises(LegatoError) as refused:
        reserve()
    return refused.value.code


def test_an_answer_is_kept_for_a_day(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    with database.write() as session:
        idempotency.finish(session, taken(reserve), ANSWER)

    assert reserve() == ANSWER
    set_row(database, created_at_ms=now_ms() - KEPT_S * 1000 + 60_000)
    assert reserve() == ANSWER
    set_row(database, created_at_ms=now_ms() - KEPT_S * 1000 - 1)
    assert isinstance(reserve(), Reservation)


def test_a_request_is_one_processs_until_that_dies_or_falls_silent(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    taken(reserve)
    assert code_of(reserve) == "idempotency_in_progress"

    script = "from legato.catalog.process_identity import this_process as me; print(me())"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    set_row(database, owner=ended.stdout.strip())
    taken(reserve)
    assert code_of(reserve) == "idempotency_in_progress"

    set_row(database, leased_until_ms=now_ms() - 1)
    taken(reserve)


def test_a_request_that_is_kept_alive_is_not_taken_over(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    ours = taken(reserve)
    set_row(database, leased_until_ms=now_ms() - 1)

    with database.write() as session:
        idempotency.keep(session, ours, lease_s=60)

    assert code_of(reserve) == "idempotency_in_progress"


def test_a_request_that_was_taken_over_changes_nothing_more(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    silent = taken(reserve)
    set_row(database, leased_until_ms=now_ms() - 1, created_at_ms=silent.since_ms - 1)
    ours = taken(reserve)

    with pytest.raises(Unavailable) as refused:
        change(database, silent, "theirs")
    change(database, ours, "ours")
    with database.write() as session:
        idempotency.finish(session, silent, ANSWER)

    assert refused.value.code == "idempotency_lost"
    with database.read() as session:
        subjects = [one.subject for one in audit.entries(session, ours.tenant_id, limit=10)]
    assert "ours" in subjects
    assert "theirs" not in subjects
    assert code_of(reserve) == "idempotency_in_progress"


def test_what_changed_nothing_may_be_sent_again_and_what_did_may_not(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    with database.write() as session:
        idempotency.release(session, taken(reserve))
    ours = taken(reserve)
    change(database, ours)
    with database.write() as session:
        idempotency.release(session, ours)

    with pytest.raises(BadInput, match=r"track\.created t1: done") as refused:
        reserve()

    assert refused.value.code == "idempotency_answer_lost"


def test_a_change_that_is_rolled_back_was_not_made(
    database: Database, reserve: Callable[[], Reservation | KeptAnswer]
) -> None:
    ours = taken(reserve)
    with idempotency.in_hand(ours), suppress(ZeroDivisionError), database.write() as session:
        idempotency.mark_done(session, "track.created", "t1")
        raise ZeroDivisionError
    with database.write() as session:
        idempotency.release(session, ours)

    assert isinstance(reserve(), Reservation)
