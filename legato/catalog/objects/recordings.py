"""Masters, the recordings they hold, and the assets that are delivered of those."""

from dataclasses import asdict, dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from legato.catalog.alone import alone
from legato.catalog.database import now_ms
from legato.catalog.insertion import insert_if_new
from legato.catalog.objects import references
from legato.catalog.objects.references import Named
from legato.catalog.schema import AssetRow, MasterRow, RecordingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is heard of a master, at the master's own rate and channels."""

    audio_id: str
    lossless: bool
    sample_rate_hz: int
    channels: int
    samples: int


def add_master(session: Session, master_id: str, size_bytes: int) -> None:
    """Remember a master whose bytes are in the store; once more is a no-op."""
    # FOR NO KEY UPDATE here and below: rows that only name this one are entered meanwhile.
    query = (
        select(MasterRow).where(MasterRow.master_id == master_id).with_for_update(key_share=True)
    )
    query = query.execution_options(populate_existing=True)
    while (row := session.scalar(query)) is None:
        insert_if_new(
            session, MasterRow,
            master_id=master_id, size_bytes=size_bytes, audio_id=None, created_at_ms=now_ms(),
        )  # fmt: skip
    row.removed_at_ms = None
    session.flush()


def identify_master(session: Session, master_id: str, recording: Recording) -> None:
    """Remember what a master holds; once more is a no-op.

    Until the transaction ends nobody else encodes the recording to its end, or collects it.
    """
    while not lock_recording(session, recording.audio_id):
        insert_if_new(session, RecordingRow, **asdict(recording), created_at_ms=now_ms())
    session.execute(
        update(MasterRow)
        .where(MasterRow.master_id == master_id)
        .values(audio_id=recording.audio_id)
    )


def lock_recording(session: Session, audio_id: str) -> bool:
    """Let nobody else change what is made of a recording until the transaction ends.

    Nor enter it where it is not. Answers whether there is such a recording.
    """
    alone(session, f"recordings/{audio_id}")
    found = select(RecordingRow.audio_id).where(RecordingRow.audio_id == audio_id)
    return session.scalar(found.with_for_update(key_share=True)) is not None


def recording_of_master(session: Session, master_id: str) -> Recording | None:
    """What a master holds, if it has been identified before."""
    row = session.scalar(
        select(RecordingRow).join(MasterRow).where(MasterRow.master_id == master_id)
    )
    return _recording(row) if row is not None else None


def find_recording(session: Session, audio_id: str) -> Recording | None:
    row = session.get(RecordingRow, audio_id)
    return _recording(row) if row is not None else None


def any_as_long(session: Session, *, sample_rate_hz: int, channels: int, samples: int) -> bool:
    """Whether there is a recording of that form with so many samples a channel."""
    query = select(RecordingRow.audio_id).where(
        RecordingRow.samples == samples,
        RecordingRow.sample_rate_hz == sample_rate_hz,
        RecordingRow.channels == channels,
    )
    return session.scalar(query.limit(1)) is not None


def masters_of(session: Session, audio_id: str) -> list[str]:
    """The masters that hold this recording; any of them will do.

    First those that will stay because something refers to them, then the first that came.
    """
    return list(
        session.scalars(
            select(MasterRow.master_id)
            .where(MasterRow.audio_id == audio_id, MasterRow.removed_at_ms.is_(None))
            .order_by(
                MasterRow.unreferenced_at_ms.is_not(None),
                MasterRow.created_at_ms,
                MasterRow.master_id,
            )
        )
    )


def asset_of(session: Session, audio_id: str, ladder: str) -> str | None:
    """The asset of this recording at this revision of the ladder.

    It is not collected before the transaction ends, if that is one that writes.
    """
    query = select(AssetRow.asset_id).where(
        AssetRow.audio_id == audio_id, AssetRow.ladder == ladder
    )
    return session.scalar(query.with_for_update(key_share=True))


def add_asset(session: Session, asset_id: str, audio_id: str, ladder: str) -> str:
    """Remember what was made, and answer what is delivered: the first asset of its kind."""
    existing = asset_of(session, audio_id, ladder)
    if existing is not None:
        return existing
    row = AssetRow(asset_id=asset_id, audio_id=audio_id, ladder=ladder, created_at_ms=now_ms())
    session.add(row)
    session.flush()
    references.settle(session, Named(assets=frozenset({asset_id})))
    return asset_id


def all_assets(session: Session) -> list[tuple[str, str]]:
    """Every asset and its recording, in the order they were made."""
    rows = session.execute(
        select(AssetRow.asset_id, AssetRow.audio_id).order_by(AssetRow.created_at_ms)
    )
    return [(asset_id, audio_id) for asset_id, audio_id in rows]


def _recording(row: RecordingRow) -> Recording:
    return Recording(
        audio_id=row.audio_id,
        lossless=row.lossless,
        sample_rate_hz=row.sample_rate_hz,
        channels=row.channels,
        samples=row.samples,
    )
