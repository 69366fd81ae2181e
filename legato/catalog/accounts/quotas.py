"""Quotas: how many bytes, tracks and uploads at a time a tenant may have; None is no limit."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from legato.catalog.database import now_ms
from legato.catalog.objects.uploads import UploadState
from legato.catalog.replacements import IS_CANDIDATE
from legato.catalog.schema import MasterRow, TenantRow, TrackRow, UploadRow
from legato.catalog.track_state import ENDED_BADLY
from legato.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The most that a tenant may have; None: as much as it likes."""

    max_bytes: int | None = None
    max_tracks: int | None = None
    max_uploads: int | None = None


NO_LIMITS: Final = Quotas()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a tenant has: each of its masters counts once, an upload as all that was announced.

    A track that was deleted counts no more, though its master may be stored a while longer; one
    that was refused, or has failed, is none that could be played, and only its master's bytes
    count while they are stored. New audio of a track that is there is no track of its own.
    """

    stored_bytes: int
    tracks: int
    uploads: int
    upload_bytes: int

    @property
    def size_bytes(self) -> int:
        """What is held against `max_bytes`."""
        return self.stored_bytes + self.upload_bytes


def usage(session: Session, tenant_id: str) -> Usage:
    """What counts against a tenant's quotas now."""
    live = (TrackRow.tenant_id == tenant_id, TrackRow.deleted_at_ms.is_(None))
    masters = select(TrackRow.master_id).where(*live)
    to_play = (TrackRow.state.not_in(ENDED_BADLY), ~IS_CANDIDATE)
    seen = select(func.count(TrackRow.track_id)).where(*live, *to_play)
    under_way = _under_way(tenant_id)
    stored = select(_sum(MasterRow.size_bytes)).where(MasterRow.master_id.in_(masters))
    coming = select(_sum(UploadRow.size_bytes)).where(*under_way)
    return Usage(
        stored_bytes=int(session.scalars(stored).one()),
        tracks=session.scalars(seen).one(),
        uploads=session.scalars(select(func.count(UploadRow.upload_id)).where(*under_way)).one(),
        upload_bytes=int(session.scalars(coming).one()),
    )


def quotas_of(session: Session, tenant_id: str, *, lock: bool = False) -> Quotas:
    """A tenant's quotas; with `lock` nobody else passes here until the transaction ends.

    Raises NotFound `no_tenant`.
    """
    # FOR NO KEY UPDATE: rows that only name the tenant are entered meanwhile.
    query = select(TenantRow).where(TenantRow.tenant_id == tenant_id)
    row = session.scalar(_locked(query) if lock else query)
    if row is None:
        raise NotFound("no_tenant", f"tenant {tenant_id!r}: not in the catalogue")
    return Quotas(max_bytes=row.max_bytes, max_tracks=row.max_tracks, max_uploads=row.max_uploads)


def check_upload(
    session: Session,
    tenant_id: str,
    size_bytes: int,
    master_id: str | None = None,
    *,
    new_tracks: int = 1,
) -> None:
    """Whether a tenant may begin an upload of so many bytes, before it is entered.

    Of two at once the second sees the first. An upload that passed is not asked again when it
    becomes a track. `master_id`: what it holds, where that is known; what the tenant has already
    costs no bytes. `new_tracks`: none, where it is new audio of one that is there. Raises
    BadInput `quota_bytes`, `quota_tracks`, `quota_uploads`.
    """
    most = quotas_of(session, tenant_id, lock=True)
    if most == NO_LIMITS:
        return
    if master_id is not None and _has_master(session, tenant_id, MasterRow.master_id == master_id):
        size_bytes = 0
    _check_room(session, tenant_id, most, size_bytes, new_tracks)


def check_coming(
    session: Session, tenant_id: str, *, least_bytes: int, most_bytes: int, new_tracks: int
) -> None:
    """Whether a master of such a size could be taken in, before it is sent.

    It is asked again when it is entered. A master of the tenant's own costs no bytes, and which
    one comes is not known: where it has one of such a size, bytes are not counted yet. Raises as
    `check_upload`.
    """
    most = quotas_of(session, tenant_id)
    if most == NO_LIMITS:
        return
    if _has_master(session, tenant_id, MasterRow.size_bytes.between(least_bytes, most_bytes)):
        least_bytes = 0
    _check_room(session, tenant_id, most, least_bytes, new_tracks)


def _locked(query: "Select[TenantRow]") -> "Select[TenantRow]":
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


def _under_way(tenant_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        UploadRow.tenant_id == tenant_id,
        UploadRow.state == UploadState.RECEIVING,
        UploadRow.expires_at_ms > now_ms(),
    )


def _coming_tracks(session: Session, tenant_id: str) -> int:
    """The uploads that are to be tracks, and not new audio of one."""
    coming = select(func.count(UploadRow.upload_id)).where(*_under_way(tenant_id))
    return session.scalars(coming.where(UploadRow.replaces.is_(None))).one()


def _check_room(
    session: Session, tenant_id: str, most: Quotas, size_bytes: int, new_tracks: int
) -> None:
    has = usage(session, tenant_id)
    _check("quota_uploads", "uploads under way", has.uploads + 1, most.max_uploads)
    if new_tracks:
        tracks = has.tracks + _coming_tracks(session, tenant_id) + new_tracks
        _check("quota_tracks", "tracks", tracks, most.max_tracks)
    _check("quota_bytes", "bytes", has.size_bytes + size_bytes, most.max_bytes)


def _check(code: str, things: str, found: int, most: int | None) -> None:
    if most is not None and found > most:
        raise BadInput(code, f"found {found} {things} with this one, expected {most} at most")


def _has_master(session: Session, tenant_id: str, such: ColumnElement[bool]) -> bool:
    query = (
        select(TrackRow.track_id)
        .join(MasterRow, MasterRow.master_id == TrackRow.master_id)
        .where(TrackRow.tenant_id == tenant_id, TrackRow.deleted_at_ms.is_(None), such)
    )
    return session.scalar(query.limit(1)) is not None


def _sum(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
