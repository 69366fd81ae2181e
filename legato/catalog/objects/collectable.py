"""What may be collected: found page by page, and taken only where it is still so.

Masters, assets and artworks go once nothing has referred to them for a grace period; a recording
goes with the last of its masters, assets and tracks. Whoever takes one out of the catalogue has a
collect hold on it (`legato.catalog.objects.holds`), and deletes its objects after the transaction.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from legato.catalog import denials, jobs
from legato.catalog.database import now_ms
from legato.catalog.denials import DenialKind
from legato.catalog.jobs import JobKind
from legato.catalog.objects import references
from legato.catalog.objects.references import ASSETS, MASTERS, Kind
from legato.catalog.objects.uploads import UploadState
from legato.catalog.schema import (
    ArtworkRow,
    AssetRow,
    FingerprintRow,
    FingerprintTermRow,
    FormerAudioRow,
    MasterRow,
    PurgeRow,
    RecordingRow,
    ReviewRow,
    TrackArtworkRow,
    TrackRow,
    UploadRow,
)

_BARE: Final = and_(
    MasterRow.removed_at_ms.is_not(None),
    ~exists().where(TrackRow.master_id == MasterRow.master_id),
    ~exists().where(FormerAudioRow.master_id == MasterRow.master_id),
)


def wrongly_marked(session: Session, kind: Kind, *, after: str, limit: int) -> list[str]:
    """What is marked as something refers to it, or is not as nothing does, from `after` on."""
    query = select(kind.id).where(kind.id > after, _stored(kind), kind.wrongly_marked)
    return list(session.scalars(query.order_by(kind.id).limit(limit)))


def mark(session: Session, kind: Kind, ids: Collection[str]) -> None:
    """Let the grace period of these begin, or be over, where it is true still."""
    references.mark(session, kind, kind.id.in_(ids))


def due(session: Session, kind: Kind, before_ms: int, *, after: str, limit: int) -> list[str]:
    """What nothing has referred to since then, by id from the one behind `after` on.

    Former audio that is over counts as gone already, so that a dry run finds what the next does.
    """
    query = select(kind.id).where(kind.id > after, _due(kind, before_ms))
    return list(session.scalars(query.order_by(kind.id).limit(limit)))


def take_master(session: Session, master_id: str, before_ms: int) -> bool:
    """Let a master be removed, if it still is due; a track that was refused keeps the row."""
    row = _locked_if_due(session, MASTERS, master_id, before_ms)
    if row is None:
        return False
    row.removed_at_ms, row.audio_id = now_ms(), None
    session.flush()
    return True


def bare_masters(session: Session, *, after: str, limit: int) -> list[str]:
    """Masters whose bytes are gone and that no row names any more, from `after` on."""
    query = select(MasterRow.master_id).where(MasterRow.master_id > after, _BARE)
    return list(session.scalars(query.order_by(MasterRow.master_id).limit(limit)))


def remove_bare_masters(session: Session, master_ids: Collection[str]) -> None:
    """Remove those of these masters that still are bare."""
    masters = MasterRow.master_id.in_(master_ids)
    session.execute(select(MasterRow.master_id).where(masters).with_for_update()).all()
    bare = delete(MasterRow).where(masters, _BARE)
    session.execute(bare.execution_options(synchronize_session=False))


def take_asset(session: Session, asset_id: str, before_ms: int, *, grant_ttl_s: int) -> bool:
    """Take an asset out of the catalogue, if it still is due; it can be made again."""
    row = _locked_if_due(session, ASSETS, asset_id, before_ms)
    if row is None:
        return False
    denials.let_lapse(session, DenialKind.ASSET, asset_id, grant_ttl_s=grant_ttl_s)
    session.execute(delete(PurgeRow).where(PurgeRow.asset_id == asset_id))
    jobs.forget(session, JobKind.ENCODE, [jobs.encode_subject(row.ladder, row.audio_id)])
    session.delete(row)
    session.flush()
    return True


def take_artwork(session: Session, artwork_id: str, before_ms: int) -> bool:
    """Take an artwork out of the catalogue, if it still is due."""
    row = _locked_if_due(session, references.ARTWORKS, artwork_id, before_ms)
    if row is None:
        return False
    session.execute(delete(TrackArtworkRow).where(TrackArtworkRow.artwork_id == artwork_id))
    session.delete(row)
    session.flush()
    return True


def unneeded_recordings(session: Session, before_ms: int, *, after: str, limit: int) -> list[str]:
    """Recordings that no track names, nor a master or an asset that stays, from `after` on."""
    query = select(RecordingRow.audio_id).where(
        RecordingRow.audio_id > after,
        ~_named_by(TrackRow.audio_id),
        ~_named_by(MasterRow.audio_id, ~_due(MASTERS, before_ms)),
        ~_named_by(AssetRow.audio_id, ~_due(ASSETS, before_ms)),
    )
    return list(session.scalars(query.order_by(RecordingRow.audio_id).limit(limit)))


def take_recordings(session: Session, audio_ids: Sequence[str], ladder: str) -> list[str]:
    """Remove those of these recordings that nothing at all names; answers which."""
    named = (
        _named_by(column) for column in (TrackRow.audio_id, MasterRow.audio_id, AssetRow.audio_id)
    )
    query = select(RecordingRow).where(RecordingRow.audio_id.in_(audio_ids))
    session.execute(query.with_for_update()).all()  # a later statement sees who came before us
    free = select(RecordingRow.audio_id).where(RecordingRow.audio_id.in_(audio_ids), ~or_(*named))
    gone = list(session.scalars(free))
    of_two = or_(ReviewRow.audio_id.in_(gone), ReviewRow.other_audio_id.in_(gone))
    session.execute(delete(ReviewRow).where(of_two))
    for row in (FingerprintRow, FingerprintTermRow, RecordingRow):
        session.execute(delete(row).where(row.audio_id.in_(gone)))
    jobs.forget(session, JobKind.ENCODE, [jobs.encode_subject(ladder, one) for one in gone])
    return gone


def owned(session: Session, folder: str, ids: Collection[str]) -> set[str]:
    """Those of these that somebody knows of, under the first part of their keys."""
    column, and_that = _OWNERS[folder]
    return set(session.scalars(select(column).where(column.in_(ids), and_that)))


_OWNERS: Final[dict[str, tuple[InstrumentedAttribute[str], ColumnElement[bool]]]] = {
    "masters": (MasterRow.master_id, MasterRow.removed_at_ms.is_(None)),
    "audio": (AssetRow.asset_id, true()),
    "artwork": (ArtworkRow.artwork_id, true()),
    "incoming": (UploadRow.upload_id, UploadRow.state == UploadState.RECEIVING),
}


def _locked_if_due(session: Session, kind: Kind, id_: str, before_ms: int) -> Any:
    """The row, once nobody else can begin to refer to it, if nobody has."""
    session.execute(select(kind.id).where(kind.id == id_).with_for_update())
    still = (kind.id == id_, _due(kind, before_ms), ~kind.referenced)
    return session.scalar(select(kind.row).where(*still))


def _due(kind: Kind, before_ms: int) -> ColumnElement[bool]:
    """One without a mark counts as let go of now."""
    now = now_ms()
    since = func.coalesce(kind.row.unreferenced_at_ms, literal(now, BigInteger))
    return and_(since <= before_ms, _stored(kind), ~kind.referenced_after(now))


def _stored(kind: Kind) -> ColumnElement[bool]:
    return MasterRow.removed_at_ms.is_(None) if kind is MASTERS else true()


def _named_by(
    column: InstrumentedAttribute[Any], *and_that: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(column == RecordingRow.audio_id, *and_that)
