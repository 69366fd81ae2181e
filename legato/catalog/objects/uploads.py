"""Uploads: masters on their way in, and what has become of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import new_id, now_ms
from legato.catalog.schema import UploadRow
from legato.catalog.text import check_text, is_no_id
from legato.errors import BadInput, LegatoError, NotFound


class UploadKind(StrEnum):
    """How its bytes come: to a server of ours, or straight to the store."""

    TUS = "tus"
    DIRECT = "direct"


class UploadState(StrEnum):
    """receiving → finished; `refused` is its error's fault, the others its sender's or its age's.

    One whose bytes are all there stays `receiving` until it is a track, and never expires.
    """

    RECEIVING = "receiving"
    FINISHED = "finished"
    REFUSED = "refused"
    ENDED = "ended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What its sender says of the master; None: its tags say it. Raises BadInput `bad_text`.

    `header` is the sender's Upload-Metadata as it came.
    """

    title: str | None = None
    artist: str | None = None
    isrc: str | None = None
    public: bool = False
    header: str | None = None

    def __post_init__(self) -> None:
        check_text(title=self.title, artist=self.artist, isrc=self.isrc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A master that is to come, from whom; raises BadInput `bad_text`.

    `replaces` is a track of the same tenant whose audio it is to be.
    """

    tenant_id: str
    size_bytes: int
    file_name: str
    described: Described
    replaces: str | None = None

    def __post_init__(self) -> None:
        check_text(filename=self.file_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One master on its way; times are Unix milliseconds.

    `track_id` is what it became; `replaces` the track whose audio it is to be. One that has not
    moved by `expires_at_ms` may be forgotten, but for one that was complete at `complete_at_ms`.
    `store_upload_id` is the store's name for one that goes straight there; `folder_id` that of the
    folder where another arrives.
    """

    upload_id: str
    tenant_id: str
    kind: UploadKind
    state: UploadState
    size_bytes: int
    file_name: str
    described: Described
    replaces: str | None
    store_upload_id: str | None
    part_size_bytes: int | None
    folder_id: str | None
    complete_at_ms: int | None
    master_id: str | None
    track_id: str | None
    error_code: str | None
    error_message: str | None
    created_at_ms: int
    expires_at_ms: int

    @property
    def is_safe(self) -> bool:
        """Whether all of it has been acknowledged: it is, or will be, a track."""
        waits = self.state is UploadState.RECEIVING and self.complete_at_ms is not None
        return waits or self.state is UploadState.FINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class InStore:
    """An upload that goes straight to the store, which has begun it under a name of its own."""

    upload_id: str
    store_upload_id: str
    part_size_bytes: int


def add_upload(
    session: Session,
    announced: Announced,
    *,
    ttl_s: int,
    in_store: InStore | None = None,
    folder_id: str | None = None,
) -> Upload:
    """Enter an upload of which nothing has come yet: by tus into a folder, or `in_store`."""
    row = UploadRow(
        upload_id=in_store.upload_id if in_store is not None else new_id(),
        store_upload_id=in_store.store_upload_id if in_store is not None else None,
        part_size_bytes=in_store.part_size_bytes if in_store is not None else None,
        folder_id=folder_id,
        complete_at_ms=None,
        tenant_id=announced.tenant_id,
        kind=UploadKind.DIRECT if in_store is not None else UploadKind.TUS,
        state=UploadState.RECEIVING,
        size_bytes=announced.size_bytes,
        file_name=announced.file_name,
        described=asdict(announced.described),
        replaces=announced.replaces,
        created_at_ms=now_ms(),
        expires_at_ms=now_ms() + ttl_s * 1000,
    )
    session.add(row)
    session.flush()
    return _upload(row)


def find_upload(session: Session, upload_id: str, tenant_id: str | None = None) -> Upload:
    """An upload by its id, of one tenant or of any; raises NotFound `no_upload`."""
    row = session.get(UploadRow, upload_id) if not is_no_id(upload_id) else None
    if row is None or tenant_id not in (None, row.tenant_id):
        raise NotFound("no_upload", f"upload {upload_id!r}: there is none, or none any more")
    return _upload(row)


def uploads_under_way(session: Session, tenant_id: str) -> list[Upload]:
    """A tenant's uploads that may go on, in the order they began."""
    query = select(UploadRow).where(
        UploadRow.tenant_id == tenant_id,
        UploadRow.state == UploadState.RECEIVING,
        UploadRow.expires_at_ms > now_ms(),
    )
    ordered = query.order_by(UploadRow.created_at_ms, UploadRow.upload_id)
    return [_upload(row) for row in session.scalars(ordered)]


def receiving(session: Session, upload_ids: Sequence[str]) -> list[Upload]:
    """Those of these that are no track yet, nor anything else."""
    query = select(UploadRow).where(
        UploadRow.upload_id.in_(upload_ids), UploadRow.state == UploadState.RECEIVING
    )
    return [_upload(row) for row in session.scalars(query)]


def expired(session: Session, kind: UploadKind) -> list[Upload]:
    """Uploads of one kind that have not moved for too long."""
    query = select(UploadRow).where(
        UploadRow.kind == kind,
        UploadRow.state == UploadState.RECEIVING,
        UploadRow.complete_at_ms.is_(None),
        UploadRow.expires_at_ms <= now_ms(),
    )
    return [_upload(row) for row in session.scalars(query)]


def prolong(session: Session, upload_id: str, ttl_s: int) -> Upload:
    """It has moved: it expires so much later."""
    session.execute(
        update(UploadRow)
        .where(UploadRow.upload_id == upload_id, UploadRow.state == UploadState.RECEIVING)
        .values(expires_at_ms=now_ms() + ttl_s * 1000)
    )
    return find_upload(session, upload_id)


def keep_receiving(session: Session, upload_id: str, ttl_s: int) -> Upload:
    """It has moved, and goes on: until the transaction ends nobody ends it.

    Raises BadInput `upload_over` where it is something already, or has not moved for too long.
    """
    row = session.get_one(UploadRow, upload_id, with_for_update=True, populate_existing=True)
    if row.state != UploadState.RECEIVING or _is_late(row):
        found = row.state if row.state != UploadState.RECEIVING else UploadState.EXPIRED
        raise BadInput(
            "upload_over", f"upload {upload_id}: found it {found}, expected one that goes on"
        )
    row.expires_at_ms = now_ms() + ttl_s * 1000
    session.flush()
    return _upload(row)


def is_late(session: Session, upload_id: str) -> bool:
    """Whether it still has not moved for too long; until the transaction ends it does not move."""
    row = session.get_one(UploadRow, upload_id, with_for_update=True, populate_existing=True)
    return row.state == UploadState.RECEIVING and _is_late(row)


def mark_complete(session: Session, upload_id: str) -> None:
    """All of its bytes are safe: whoever sent them may forget them, and it never expires."""
    session.execute(
        update(UploadRow)
        .where(UploadRow.upload_id == upload_id, UploadRow.complete_at_ms.is_(None))
        .values(complete_at_ms=now_ms())
    )


def uncleared(session: Session) -> list[Upload]:
    """Uploads to the store that are over, and of which it may still have something."""
    query = select(UploadRow).where(
        UploadRow.store_upload_id.is_not(None), UploadRow.state != UploadState.RECEIVING
    )
    return [_upload(row) for row in session.scalars(query)]


def mark_cleared(session: Session, upload_id: str) -> None:
    """The store has nothing more of it."""
    session.execute(
        update(UploadRow).where(UploadRow.upload_id == upload_id).values(store_upload_id=None)
    )


def finish(session: Session, upload_id: str, *, master_id: str, track_id: str) -> bool:
    """It has become a track; False where it had become something already."""
    return _settle(session, upload_id, UploadState.FINISHED, master_id=master_id, track_id=track_id)


def end(
    session: Session, upload_id: str, state: UploadState, error: LegatoError | None = None
) -> bool:
    """It will never be a track; False where it had become something already."""
    why = {"error_code": error.code, "error_message": error.message} if error else {}
    return _settle(session, upload_id, state, **why)


def forget(session: Session, ttl_s: int) -> None:
    """Forget uploads that have been over for so long that nobody asks for them.

    Not those of which the store may still have something: it would have it for ever.
    """
    session.execute(
        delete(UploadRow).where(
            UploadRow.state != UploadState.RECEIVING,
            UploadRow.store_upload_id.is_(None),
            UploadRow.expires_at_ms <= now_ms() - ttl_s * 1000,
        )
    )


def _is_late(row: UploadRow) -> bool:
    return row.complete_at_ms is None and row.expires_at_ms <= now_ms()


def _settle(session: Session, upload_id: str, state: UploadState, **values: str) -> bool:
    settled = session.scalar(
        update(UploadRow)
        .where(UploadRow.upload_id == upload_id, UploadRow.state == UploadState.RECEIVING)
        .values(state=state, **values)
        .returning(UploadRow.upload_id)
    )
    return settled is not None


def _upload(row: UploadRow) -> Upload:
    return Upload(
        upload_id=row.upload_id,
        tenant_id=row.tenant_id,
        kind=UploadKind(row.kind),
        state=UploadState(row.state),
        size_bytes=row.size_bytes,
        file_name=row.file_name,
        described=Described(**row.described),
        replaces=row.replaces,
        store_upload_id=row.store_upload_id,
        part_size_bytes=row.part_size_bytes,
        folder_id=row.folder_id,
        complete_at_ms=row.complete_at_ms,
        master_id=row.master_id,
        track_id=row.track_id,
        error_code=row.error_code,
        error_message=row.error_message,
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
    )
