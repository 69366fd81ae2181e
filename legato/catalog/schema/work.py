"""What is on its way, and who has it in hand."""

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from legato.catalog.schema.table import Table


class UploadRow(Table):
    """A master on its way in, by tus or straight to the store; times are Unix milliseconds.

    `track_id` is what it became; `replaces` the track whose audio it is to be. `folder_id` is
    the folder that it arrives in, by tus. At `complete_at_ms` its last byte was safe.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "tenant_id", "state"), Index(None, "state", "expires_at_ms"))

    upload_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    kind: Mapped[str]
    state: Mapped[str]
    size_bytes: Mapped[int]
    file_name: Mapped[str]
    described: Mapped[dict[str, Any]]
    replaces: Mapped[str | None]
    store_upload_id: Mapped[str | None]
    part_size_bytes: Mapped[int | None]
    folder_id: Mapped[str | None]
    complete_at_ms: Mapped[int | None]
    master_id: Mapped[str | None]
    track_id: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]


class HoldRow(Table):
    """Somebody is writing an object, or collecting it: the others leave it alone until then.

    `subject` is a folder of the store and the id of what its keys belong to: `masters/{id}`,
    `audio/{id}`, `artwork/{id}`, `incoming/{id}`.
    """

    __tablename__ = "holds"

    subject: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    owner: Mapped[str]
    until_ms: Mapped[int]


class JobRow(Table):
    """Work that has to be done, and who has leased it until when.

    `deaths`: workers in a row that did not put it back. `asked_by`: the tenant that it was begun
    for, where tenants share the work.
    """

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "subject"), Index(None, "state", "due_at_ms"))

    job_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    deaths: Mapped[int] = mapped_column(server_default="0")
    asked_by: Mapped[str | None]
    due_at_ms: Mapped[int]
    owner: Mapped[str | None]
    leased_until_ms: Mapped[int | None]
    progress: Mapped[dict[str, Any] | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
