"""`DELETE /v1/tracks/{id}` and `PUT /v1/tracks/{id}/audio`: a track goes, or sounds otherwise."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile

from legato.catalog import tracks
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.text import check_text
from legato.deployment import Deployment
from legato.ingest.replacement import Replacement
from legato.ingest.tags import read_tags
from legato.origin.api.authentication import caller
from legato.origin.api.file_name import last_part
from legato.origin.api.forms import whole_form
from legato.origin.api.track_view import TrackView
from legato.origin.edges.deletion import delete_track


def track_changes_router(deployment: Deployment) -> APIRouter:
    """What a tenant may do to its own tracks."""
    router = APIRouter()
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]

    @router.delete("/v1/tracks/{track_id}", status_code=204)
    def delete(by: uploader, track_id: str) -> None:
        """There is no such track from now on, and what was granted is denied."""
        delete_track(deployment, track_id, by)

    @router.put("/v1/tracks/{track_id}/audio", status_code=202, dependencies=[Depends(whole_form)])
    def replace_audio(
        by: uploader,
        track_id: str,
        file: Annotated[UploadFile, File(description="The new master")],
    ) -> TrackView:
        """Take a new master in for a track, which plays its old audio until the new is ready.

        Addresses from before stay good until their grants end. `replacement` tells of the new
        audio, also where it was refused: then the old stays.
        """
        name = last_part(file.filename)
        check_text(file=name)
        with deployment.database.read() as session:
            tracks.find_track(session, track_id, by.tenant_id)
        with deployment.intake.spool(file.file) as spooled:
            replacement = Replacement(
                track_id=track_id,
                tenant_id=by.tenant_id,
                file_name=name,
                grant_ttl_s=deployment.settings.grant_ttl_s,
                tags=read_tags(spooled.path),
                actor=by.actor,
            )
            deployment.intake.take(spooled, replacement)
        with deployment.database.read() as session:
            track = tracks.find_track(session, track_id, by.tenant_id)
            return TrackView.of(session, track)

    return router
