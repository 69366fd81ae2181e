"""What the tags of a track's master say, as they were read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from legato.catalog.schema import TrackRow


def keep_tags(session: Session, track_id: str, tags: Mapping[str, Any]) -> None:
    """Remember them, in place of any before."""
    session.execute(update(TrackRow).where(TrackRow.track_id == track_id).values(tags=dict(tags)))


def tags_of_track(session: Session, track_id: str) -> dict[str, Any] | None:
    """None until they have been read."""
    return session.scalar(select(TrackRow.tags).where(TrackRow.track_id == track_id))
