"""`/v1/tracks`: taking masters in, and what has become of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile

from legato.catalog import tracks
from legato.catalog.accounts import audit, quotas
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.text import check_text
from legato.deployment import Deployment
from legato.ingest.submission import Submission
from legato.ingest.tags import metadata_of, read_tags
from legato.origin.api.authentication import caller
from legato.origin.api.file_name import last_part
from legato.origin.api.forms import whole_form
from legato.origin.api.isrc import Isrc
from legato.origin.api.pages import Behind, Limit, cut
from legato.origin.api.track_view import TrackChange, TrackPage, TrackView


def tracks_router(deployment: Deployment) -> APIRouter:
    """A tenant's own tracks."""
    router = APIRouter()
    reader = Annotated[KeyHolder, Depends(caller(deployment, Scope.READ))]
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]

    @router.post("/v1/tracks", status_code=202, dependencies=[Depends(whole_form)])
    def create_track(  # noqa: PLR0913, PLR0917 - the fields of a form
        by: uploader,
        file: Annotated[UploadFile, File(description="The master")],
        title: Annotated[str | None, Form(max_length=500)] = None,
        artist: Annotated[str | None, Form(max_length=500)] = None,
        isrc: Annotated[Isrc | None, Form()] = None,
        public: Annotated[bool, Form(description="Anybody may play it")] = False,
    ) -> TrackView:
        """Take a master in; answered as soon as its bytes are safe on disk."""
        name = last_part(file.filename)
        check_text(file=name)
        with deployment.intake.spool(file.file) as spooled:
            with deployment.database.read() as session:  # asked again where it is entered
                quotas.check_upload(session, by.tenant_id, spooled.size_bytes, spooled.master_id)
            tags = read_tags(spooled.path)
            tagged = metadata_of(tags, name=name, artist=artist)
            metadata = tracks.Metadata(
                title=title or tagged.title, artist=tagged.artist, isrc=isrc or tagged.isrc
            )
            submission = Submission(
                tenant_id=by.tenant_id, metadata=metadata, file_name=name, public=public,
                tags=tags, actor=by.actor,
            )  # fmt: skip
            track_id = deployment.intake.take(spooled, submission)
        return _view(deployment, track_id, by.tenant_id)

    @router.get("/v1/tracks")
    def list_tracks(by: reader, behind: Behind, limit: Limit = 100) -> TrackPage:
        """The tenant's tracks, in the order they came."""
        with deployment.database.read() as session:
            found = tracks.list_tracks(session, by.tenant_id, limit=limit + 1, behind=behind)
            page, cursor = cut(found, limit, tracks.place_of)
            views = [TrackView.of(session, track) for track in page]
        return TrackPage(tracks=views, next_cursor=cursor)

    @router.get("/v1/tracks/{track_id}")
    def read_track(by: reader, track_id: str) -> TrackView:
        """One track: its state, how far the work on it is, what was wrong with it."""
        return _view(deployment, track_id, by.tenant_id)

    @router.patch("/v1/tracks/{track_id}")
    def change_track(by: uploader, track_id: str, change: TrackChange) -> TrackView:
        """Say something else of a track; what is left out stays (RFC 7396)."""
        changes = change.model_dump(exclude_unset=True)
        with deployment.database.write() as session:
            tracks.change_track(session, track_id, by.tenant_id, changes)
            if changes:
                audit.record(
                    session, tenant_id=by.tenant_id, actor=by.actor, action="track.changed",
                    subject=track_id, details=changes,
                )  # fmt: skip
        return _view(deployment, track_id, by.tenant_id)

    return router


def _view(deployment: Deployment, track_id: str, tenant_id: str) -> TrackView:
    with deployment.database.read() as session:
        return TrackView.of(session, tracks.find_track(session, track_id, tenant_id))
