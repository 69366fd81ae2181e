"""New audio for a track that is there (`legato.catalog.replacements`)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from legato.catalog import replacements, tracks
from legato.catalog.accounts import audit, quotas
from legato.catalog.objects import recordings
from legato.ingest.intake import Spooled
from legato.ingest.submission import note_tags
from legato.ingest.tag_formats.neutral import NO_TAGS, Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Who sends a track its new audio; for `Intake.take`, in a submission's place.

    `grant_ttl_s` is how long grants for the old audio may be good for. What `take` answers is the
    id of the candidate, which is nobody's business.
    """

    track_id: str
    tenant_id: str
    file_name: str
    grant_ttl_s: int
    tags: Tags = NO_TAGS
    actor: str = audit.COMMAND_LINE
    counted: bool = False
    """Whether it has been held against the tenant's quotas: as an upload under way."""

    def enter(self, session: Session, spooled: Spooled) -> str:
        """Raises NotFound `no_track` where the tenant has no such track any more."""
        tracks.lock_track(session, self.track_id)  # before the master, as whoever hears it does
        track = tracks.find_track(session, self.track_id, self.tenant_id)
        if not self.counted:
            quotas.check_upload(
                session, self.tenant_id, spooled.size_bytes, spooled.master_id, new_tracks=0
            )
        recordings.add_master(session, spooled.master_id, spooled.size_bytes)
        candidate_id = tracks.add_track(
            session,
            tenant_id=self.tenant_id,
            master_id=spooled.master_id,
            metadata=track.metadata,
            file_name=self.file_name,
        )
        note_tags(session, candidate_id, self.tags)
        replacements.enter(session, self.track_id, candidate_id, grant_ttl_s=self.grant_ttl_s)
        audit.record(
            session, tenant_id=self.tenant_id, actor=self.actor, action="track.audio_sent",
            subject=self.track_id,
            details={"master_id": spooled.master_id, "file_name": self.file_name},
        )  # fmt: skip
        return candidate_id
