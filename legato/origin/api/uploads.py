"""`GET /v1/uploads`: what is on its way, and what has become of it; tus does the rest."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Upload, UploadState
from legato.deployment import Deployment
from legato.origin.api.authentication import caller
from legato.origin.api.moment import moment
from legato.origin.api.track_view import ErrorView


class UploadView(BaseModel):
    """An upload. `offset` bytes of it have arrived; `track_id` is the track that it became.

    `offset` is null where only the store knows it, or another server than the one that was asked.
    One that is whole is `receiving` until its track is in the catalogue.
    """

    upload_id: str
    state: UploadState
    size_bytes: int
    offset: int | None
    file_name: str
    created_at: datetime
    expires_at: datetime
    track_id: str | None
    error: ErrorView | None

    @classmethod
    def of(cls, upload: Upload, arrived: int | None) -> Self:
        return cls(
            upload_id=upload.upload_id,
            state=upload.state,
            size_bytes=upload.size_bytes,
            offset=arrived,
            file_name=upload.file_name,
            created_at=moment(upload.created_at_ms),
            expires_at=moment(upload.expires_at_ms),
            track_id=upload.track_id,
            error=ErrorView(code=upload.error_code, message=upload.error_message or "")
            if upload.error_code
            else None,
        )


class UploadList(BaseModel):
    """A tenant's uploads under way, in the order they began."""

    uploads: list[UploadView]


def uploads_router(deployment: Deployment) -> APIRouter:
    """A tenant's own uploads."""
    router = APIRouter()
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]

    def view(upload: Upload) -> UploadView:
        return UploadView.of(upload, deployment.uploads.arrived(upload))

    @router.get("/v1/uploads")
    def list_uploads(by: uploader) -> UploadList:
        """Uploads that may go on."""
        with deployment.database.read() as session:
            found = uploads.uploads_under_way(session, by.tenant_id)
        return UploadList(uploads=[view(upload) for upload in found])

    @router.get("/v1/uploads/{upload_id}")
    def read_upload(by: uploader, upload_id: str) -> UploadView:
        """One upload; whoever sends it is not disturbed, as a tus client's HEAD would."""
        with deployment.database.read() as session:
            return view(uploads.find_upload(session, upload_id, by.tenant_id))

    return router
