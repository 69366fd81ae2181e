"""A master that is to be a new track."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from legato.catalog import jobs, track_tags, tracks
from legato.catalog.accounts import audit, quotas
from legato.catalog.jobs import JobKind
from legato.catalog.objects import recordings
from legato.catalog.tracks import Metadata
from legato.ingest.intake import Spooled
from legato.ingest.tag_formats.neutral import NO_TAGS, Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Who sends a master, and what they say of it; for `Intake.take`."""

    tenant_id: str
    metadata: Metadata
    file_name: str
    tags: Tags = NO_TAGS
    public: bool = False
    actor: str = audit.COMMAND_LINE
    counted: bool = False
    """Whether it has been held against the tenant's quotas: as an upload under way."""

    def enter(self, session: Session, spooled: Spooled) -> str:
        if not self.counted:
            quotas.check_upload(session, self.tenant_id, spooled.size_bytes, spooled.master_id)
        recordings.add_master(session, spooled.master_id, spooled.size_bytes)
        track_id = tracks.add_track(
            session,
            tenant_id=self.tenant_id,
            master_id=spooled.master_id,
            metadata=self.metadata,
            file_name=self.file_name,
            public=self.public,
        )
        note_tags(session, track_id, self.tags)
        audit.record(
            session, tenant_id=self.tenant_id, actor=self.actor, action="track.created",
            subject=track_id,
            details={"master_id": spooled.master_id, "file_name": self.file_name},
        )  # fmt: skip
        return track_id


def note_tags(session: Session, track_id: str, tags: Tags) -> None:
    """Keep what a track's master says of itself; a cover in it, a worker takes."""
    track_tags.keep_tags(session, track_id, tags.to_json())
    if tags.pictures:
        jobs.enqueue(session, JobKind.ARTWORK, track_id)
