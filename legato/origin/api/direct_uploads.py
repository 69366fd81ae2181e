"""`/v1/direct-uploads`: masters that go straight to the bucket, in parts, by signed addresses."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.objects.uploads import Announced, Described, Upload
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.ingest.uploads.direct import DirectIntake
from legato.ingest.uploads.parts import part_count
from legato.origin.api.authentication import caller
from legato.origin.api.file_name import last_part
from legato.origin.api.isrc import Isrc
from legato.origin.api.uploads import UploadView
from legato.storage.direct_uploads import Part, PartAddress, StoredPart

_SHA256 = "^[0-9a-f]{64}$"
_MOST_PARTS = 10_000
_ADDRESSES_AT_ONCE = 1_000


class DirectUploadWanted(BaseModel):
    """A master that is to come; what is not said of it, its tags say."""

    model_config = ConfigDict(extra="forbid")

    file_name: Annotated[str, Field(min_length=1, max_length=500)]
    size_bytes: Annotated[int, Field(ge=1)]
    title: Annotated[str | None, Field(max_length=500)] = None
    artist: Annotated[str | None, Field(max_length=500)] = None
    isrc: Isrc | None = None
    public: bool = False
    replaces: Annotated[str | None, Field(description="A track whose audio it is to be")] = None

    def announced(self, tenant_id: str) -> Announced:
        described = Described(
            title=self.title, artist=self.artist, isrc=self.isrc, public=self.public
        )
        return Announced(
            tenant_id=tenant_id,
            size_bytes=self.size_bytes,
            file_name=last_part(self.file_name),
            described=described,
            replaces=self.replaces,
        )


class DirectUploadView(BaseModel):
    """An upload, and how to cut it: `parts` parts of `part_size_bytes`, the last what is left."""

    upload: UploadView
    part_size_bytes: int
    parts: int

    @classmethod
    def of(cls, upload: Upload) -> Self:
        arrived = upload.size_bytes if upload.is_safe else None  # the store alone knows: list_parts
        return cls(
            upload=UploadView.of(upload, arrived),
            part_size_bytes=upload.part_size_bytes or 0,
            parts=part_count(upload),
        )


class PartWanted(BaseModel):
    """A part, and what its bytes hash to, in hexadecimal."""

    number: Annotated[int, Field(ge=1, le=_MOST_PARTS)]
    size_bytes: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=_SHA256)]

    def part(self) -> Part:
        return Part(
            number=self.number, size_bytes=self.size_bytes, sha256=bytes.fromhex(self.sha256)
        )


class PartsWanted(BaseModel):
    parts: Annotated[list[PartWanted], Field(max_length=_ADDRESSES_AT_ONCE)]


class AllParts(BaseModel):
    parts: Annotated[list[PartWanted], Field(max_length=_MOST_PARTS)]


class PartAddressView(BaseModel):
    """Where a part is to be PUT, within the hour, with these header fields."""

    number: int
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, part: PartWanted, address: PartAddress) -> Self:
        return cls(number=part.number, url=address.url, headers=dict(address.headers))


class StoredPartView(BaseModel):
    number: int
    size_bytes: int

    @classmethod
    def of(cls, part: StoredPart) -> Self:
        return cls(number=part.number, size_bytes=part.size_bytes)


def direct_uploads_router(deployment: Deployment) -> APIRouter:
    """A tenant's own uploads to the bucket."""
    router = APIRouter()
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]

    @router.post("/v1/direct-uploads", status_code=201)
    def begin_direct_upload(by: uploader, wanted: DirectUploadWanted) -> DirectUploadView:
        """Begin an upload of which our servers see no byte."""
        upload = _direct(deployment).begin(wanted.announced(by.tenant_id), by.actor)
        return DirectUploadView.of(upload)

    @router.get("/v1/direct-uploads/{upload_id}")
    def read_direct_upload(by: uploader, upload_id: str) -> DirectUploadView:
        """What has become of it."""
        return DirectUploadView.of(_direct(deployment).find(upload_id, by.tenant_id))

    @router.post("/v1/direct-uploads/{upload_id}/addresses")
    def address_parts(by: uploader, upload_id: str, wanted: PartsWanted) -> list[PartAddressView]:
        """Addresses for parts; each takes the bytes that were named for it, and no others."""
        direct = _direct(deployment)
        upload = direct.find(upload_id, by.tenant_id)
        addresses = direct.addresses(upload, [part.part() for part in wanted.parts])
        return [
            PartAddressView.of(part, address)
            for part, address in zip(wanted.parts, addresses, strict=True)
        ]

    @router.get("/v1/direct-uploads/{upload_id}/parts")
    def list_parts(by: uploader, upload_id: str) -> list[StoredPartView]:
        """The parts that are there: they need not be sent again."""
        direct = _direct(deployment)
        upload = direct.find(upload_id, by.tenant_id)
        return [StoredPartView.of(part) for part in direct.stored(upload)]

    @router.post("/v1/direct-uploads/{upload_id}/complete", status_code=202)
    def complete_direct_upload(by: uploader, upload_id: str, wanted: AllParts) -> DirectUploadView:
        """All parts are there. From this answer on the master is safe; `track_id` follows."""
        direct = _direct(deployment)
        upload = direct.find(upload_id, by.tenant_id)
        direct.complete(upload, [part.part() for part in wanted.parts])
        return DirectUploadView.of(direct.find(upload_id))

    @router.delete("/v1/direct-uploads/{upload_id}", status_code=204)
    def end_direct_upload(by: uploader, upload_id: str) -> None:
        """Forget what has come of it."""
        direct = _direct(deployment)
        direct.abort(direct.find(upload_id, by.tenant_id), by.actor)

    return router


def _direct(deployment: Deployment) -> DirectIntake:
    if deployment.direct_uploads is None:
        raise BadInput(
            "no_direct_uploads",
            "LEGATO_STORE: found a folder, expected s3://…; upload to /v1/uploads (tus)",
        )
    return deployment.direct_uploads
