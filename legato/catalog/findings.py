"""What the quality gate found: of a file, of what is heard of it, and what is said of a track."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from legato.catalog.schema import MasterRow, RecordingRow, TrackRow

Facts = dict[str, Any]


def keep_file_facts(session: Session, master_id: str, facts: Facts) -> None:
    """What was measured of a file."""
    which = MasterRow.master_id == master_id
    session.execute(update(MasterRow).where(which).values(examination=facts))


def keep_sound_facts(session: Session, audio_id: str, facts: Facts) -> None:
    """What was measured of the samples, the same for every file that holds them."""
    which = RecordingRow.audio_id == audio_id
    session.execute(update(RecordingRow).where(which).values(examination=facts))


def facts_of_master(session: Session, master_id: str) -> tuple[Facts | None, Facts | None]:
    """Of the file and of its samples; None for what was never measured."""
    query = (
        select(MasterRow.examination, RecordingRow.examination)
        .outerjoin(RecordingRow, RecordingRow.audio_id == MasterRow.audio_id)
        .where(MasterRow.master_id == master_id)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found is not None else (None, None)


def sound_facts(session: Session, audio_id: str) -> Facts | None:
    """Of the samples of a recording; None for what was never measured."""
    which = RecordingRow.audio_id == audio_id
    return session.scalar(select(RecordingRow.examination).where(which))


def keep_findings(session: Session, track_id: str, found: Sequence[Facts]) -> None:
    """What is said of a track, the gravest first."""
    which = TrackRow.track_id == track_id
    session.execute(update(TrackRow).where(which).values(findings=list(found)))


def add_finding(session: Session, track_id: str, one: Facts) -> None:
    """Say one thing more of a track, unless that is said already."""
    said = findings_of_track(session, track_id)
    if one not in said:
        keep_findings(session, track_id, [*said, one])


def findings_of_track(session: Session, track_id: str) -> list[Facts]:
    """None of one that has not been heard yet."""
    return session.scalar(select(TrackRow.findings).where(TrackRow.track_id == track_id)) or []
