"""Idempotency keys: a request that is sent again under its key is answered again, and done once.

A row is reserved before a request is done, and holds the answer afterwards. In between, the
request's own transactions mark it (`mark_done`), each with the change that it makes: whoever dies
after a change and before the answer leaves a row that says so, and the change is not made twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.process_identity import lives, this_process
from legato.catalog.schema import IdempotencyRow, TenantRow
from legato.errors import BadInput, Unavailable

KEPT_S: Final = 24 * 3600
MAX_BODY_BYTES: Final = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A request that this process does, and nobody else."""

    tenant_id: str
    idempotency_key: str
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered, to which request."""

    request_hash: str
    status: int
    headers: Mapping[str, str]
    body: str


_IN_HAND: ContextVar[Reservation | None] = ContextVar("legato_idempotency", default=None)


def reserve(
    session: Session, tenant_id: str, idempotency_key: str, lease_s: float
) -> Reservation | KeptAnswer:
    """Take a request on, or answer what was answered to it; rows that are too old go in passing.

    One whose process is dead or silent is taken over. Raises BadInput `idempotency_in_progress`,
    and `idempotency_answer_lost` where it was done, and its process died before it answered.
    """
    tenant = select(TenantRow.tenant_id).where(TenantRow.tenant_id == tenant_id)
    session.execute(tenant.with_for_update(key_share=True)).all()  # of two at once, one comes first
    too_old_ms = now_ms() - KEPT_S * 1000
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at_ms < too_old_ms))
    row = session.get(IdempotencyRow, (tenant_id, idempotency_key))
    if row is not None and row.status is not None:
        return _answer(row)
    if row is not None:
        _check_free(row)
    else:
        row = IdempotencyRow(tenant_id=tenant_id, idempotency_key=idempotency_key)
        session.add(row)
    row.owner, row.leased_until_ms = this_process(), now_ms() + int(lease_s * 1000)
    row.created_at_ms = now_ms()
    session.flush()
    return Reservation(
        tenant_id=tenant_id, idempotency_key=idempotency_key, since_ms=row.created_at_ms
    )


def keep(session: Session, ours: Reservation, lease_s: float) -> None:
    """The request is still being done."""
    row = _find(session, ours)
    if row is not None:
        row.leased_until_ms = now_ms() + int(lease_s * 1000)


def finish(session: Session, ours: Reservation, answer: KeptAnswer) -> None:
    """Keep what was answered."""
    row = _find(session, ours)
    if row is not None:
        row.owner = row.leased_until_ms = None
        row.request_hash, row.status = answer.request_hash, answer.status
        row.headers, row.body = dict(answer.headers), answer.body


def release(session: Session, ours: Reservation) -> None:
    """The request may be sent again under its key; not where it has changed something."""
    row = _find(session, ours)
    if row is not None and row.done is None:
        session.delete(row)
    elif row is not None:
        row.owner = row.leased_until_ms = None


@contextmanager
def in_hand(ours: Reservation) -> Iterator[None]:
    """What is changed within is changed by this request."""
    before = _IN_HAND.set(ours)
    try:
        yield
    finally:
        _IN_HAND.reset(before)


def mark_done(session: Session, action: str, subject: str) -> None:
    """Tie a change to the request in hand, if there is one: both are committed, or neither.

    Raises Unavailable `idempotency_lost` where somebody else has taken the request over.
    """
    ours = _IN_HAND.get()
    if ours is None:
        return
    row = _find(session, ours)
    if row is None:
        raise Unavailable(
            "idempotency_lost", f"idempotency key {ours.idempotency_key!r}: is somebody else's now"
        )
    if row.done is None:
        row.done = {"action": action, "subject": subject}


def _find(session: Session, ours: Reservation) -> IdempotencyRow | None:
    """The row, locked, if the request is still ours."""
    row = session.get(
        IdempotencyRow,
        (ours.tenant_id, ours.idempotency_key),
        with_for_update=True,
        populate_existing=True,
    )
    held = row is not None and row.owner == this_process() and row.status is None
    return row if row is not None and held and row.created_at_ms == ours.since_ms else None


def _check_free(row: IdempotencyRow) -> None:
    name = f"idempotency key {row.idempotency_key!r}"
    alive = row.owner is not None and lives(row.owner) is not False
    if alive and (row.leased_until_ms or 0) >= now_ms():
        raise BadInput(
            "idempotency_in_progress", f"{name}: the first request under it is still being done"
        )
    if row.done is not None:
        what = f"{row.done['action']} {row.done['subject']}"
        raise BadInput("idempotency_answer_lost", f"{name}: {what}: done, but the answer is lost")


def _answer(row: IdempotencyRow) -> KeptAnswer:
    return KeptAnswer(
        request_hash=row.request_hash or "",
        status=row.status or 0,
        headers=row.headers or {},
        body=row.body or "",
    )
