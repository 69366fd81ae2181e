"""What every upload does alike when it begins, becomes a track, and ends."""

from pathlib import Path

from sqlalchemy.orm import Session

from legato.catalog import tracks
from legato.catalog.accounts import audit, quotas
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Announced, InStore, Upload, UploadState
from legato.catalog.tracks import Metadata
from legato.errors import BadInput, LegatoError
from legato.ingest.intake import Entry
from legato.ingest.replacement import Replacement
from legato.ingest.submission import Submission
from legato.ingest.tags import Tags, metadata_of, read_tags
from legato.settings import Settings


def begin(  # noqa: PLR0913, PLR0917 - who sends what, and where it arrives
    session: Session,
    announced: Announced,
    settings: Settings,
    actor: str,
    in_store: InStore | None = None,
    folder_id: str | None = None,
) -> Upload:
    """Enter an upload, of which nothing has come yet: by tus into a folder, or `in_store`.

    Raises BadInput `too_large` or `quota_…`; NotFound `no_track` for what it replaces.
    """
    size_bytes, most = announced.size_bytes, settings.max_upload_bytes
    if size_bytes > most:
        raise BadInput(
            "too_large",
            f"found {size_bytes} bytes, expected {most} at most (LEGATO_MAX_UPLOAD_BYTES)",
        )
    new_tracks = 0 if announced.replaces is not None else 1
    quotas.check_upload(session, announced.tenant_id, size_bytes, new_tracks=new_tracks)
    if announced.replaces is not None:
        tracks.find_track(session, announced.replaces, announced.tenant_id)
    upload = uploads.add_upload(
        session, announced, ttl_s=settings.upload_ttl_s, in_store=in_store, folder_id=folder_id
    )
    note(session, upload, actor, "created", size_bytes=size_bytes, file_name=upload.file_name)
    return upload


def submission(upload: Upload, path: Path, *, actor: str, grant_ttl_s: int) -> Entry:
    """What the master at `path` is to be: a new track, or the new audio of one.

    What its sender says goes before what its tags say.
    """
    tags = read_tags(path)
    if upload.replaces is not None:
        return Replacement(
            track_id=upload.replaces,
            tenant_id=upload.tenant_id,
            file_name=upload.file_name,
            grant_ttl_s=grant_ttl_s,
            tags=tags,
            actor=actor,
            counted=True,
        )
    return Submission(
        tenant_id=upload.tenant_id,
        metadata=_metadata(upload, tags),
        file_name=upload.file_name,
        tags=tags,
        public=upload.described.public,
        actor=actor,
        counted=True,
    )


def _metadata(upload: Upload, tags: Tags) -> Metadata:
    said = upload.described
    tagged = metadata_of(tags, name=upload.file_name, artist=said.artist)
    return Metadata(
        title=said.title or tagged.title, artist=tagged.artist, isrc=said.isrc or tagged.isrc
    )


def enter(upload: Upload, master_id: str, actor: str, session: Session, entered: str) -> None:
    """In the transaction that enters a track: its upload is over.

    Raises BadInput `upload_over` where it was over already, so that it makes no second track.
    """
    track_id = upload.replaces or entered
    if not uploads.finish(session, upload.upload_id, master_id=master_id, track_id=track_id):
        raise BadInput("upload_over", f"upload {upload.upload_id}: is over already")
    note(session, upload, actor, "finished", track_id=track_id, master_id=master_id)


def end(
    session: Session,
    upload: Upload,
    actor: str,
    state: UploadState,
    error: LegatoError | None = None,
) -> bool:
    """Nothing is to be made of it; answers False where it had become something already."""
    ended = uploads.end(session, upload.upload_id, state, error)
    if ended:
        code = error.code if error is not None else None
        note(session, upload, actor, "ended", state=state, code=code)
    return ended


def note(
    session: Session, upload: Upload, actor: str, verb: str, **details: str | int | None
) -> None:
    """Enter in the audit log what has become of an upload."""
    audit.record(
        session,
        tenant_id=upload.tenant_id,
        actor=actor,
        action=f"upload.{verb}",
        subject=upload.upload_id,
        details={name: value for name, value in details.items() if value is not None},
    )
