"""The catalogue's tables. Times are Unix milliseconds; ids are the design's five identities."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Named constraints, so that a migration can speak of them in any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        str: Text,
        int: BigInteger,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class TenantRow(Table):
    """Whoever sends masters: an artist or a label."""

    __tablename__ = "tenants"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at_ms: Mapped[int]


class ApiKeyRow(Table):
    """The SHA-256 of an API key; the key itself is shown once and kept nowhere."""

    __tablename__ = "api_keys"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    label: Mapped[str]
    created_at_ms: Mapped[int]


class RecordingRow(Table):
    """What is heard, once however many files hold it."""

    __tablename__ = "recordings"

    audio_id: Mapped[str] = mapped_column(primary_key=True)
    lossless: Mapped[bool]
    sample_rate_hz: Mapped[int]
    channels: Mapped[int]
    samples: Mapped[int]
    created_at_ms: Mapped[int]


class MasterRow(Table):
    """A file as uploaded; `audio_id` once it has been identified."""

    __tablename__ = "masters"

    master_id: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    created_at_ms: Mapped[int]


class AssetRow(Table):
    """What is delivered of a recording, at one revision of the ladder."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("audio_id", "ladder"),)

    asset_id: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"))
    ladder: Mapped[str]
    created_at_ms: Mapped[int]


class TrackRow(Table):
    """A tenant's catalogue entry."""

    __tablename__ = "tracks"
    __table_args__ = (Index(None, "tenant_id", "created_at_ms", "track_id"),)

    track_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    master_id: Mapped[str] = mapped_column(ForeignKey("masters.master_id"), index=True)
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    asset_id: Mapped[str | None] = mapped_column(ForeignKey("assets.asset_id"), index=True)
    title: Mapped[str]
    artist: Mapped[str]
    isrc: Mapped[str | None]
    file_name: Mapped[str]
    state: Mapped[str]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
    public: Mapped[bool] = mapped_column(server_default=false())
    taken_down_at_ms: Mapped[int | None]
    takedown_reason: Mapped[str | None]


class ReleaseRow(Table):
    """An album, EP or single."""

    __tablename__ = "releases"

    release_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"), index=True)
    title: Mapped[str]
    artist: Mapped[str]
    upc: Mapped[str | None]
    created_at_ms: Mapped[int]


class ReleaseTrackRow(Table):
    """A track's place on a release."""

    __tablename__ = "release_tracks"

    release_id: Mapped[str] = mapped_column(ForeignKey("releases.release_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), index=True)


class DealRow(Table):
    """Terms under which a track may be heard; without any deal it is its tenant's own everywhere.

    `starts_at` and `ends_at` are local times `YYYY-MM-DDTHH:MM:SS` of the listener's territory;
    None: always, for ever. `tiers` names those that may hear it; None: all.
    """

    __tablename__ = "deals"

    deal_id: Mapped[str] = mapped_column(primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), index=True)
    starts_at: Mapped[str | None]
    ends_at: Mapped[str | None]
    tiers: Mapped[list[str] | None]
    created_at_ms: Mapped[int]


class DealTerritoryRow(Table):
    """A territory of a deal: ISO 3166-1 alpha-2 or `Worldwide`; `excluded` takes it out again."""

    __tablename__ = "deal_territories"

    deal_id: Mapped[str] = mapped_column(ForeignKey("deals.deal_id"), primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    excluded: Mapped[bool]


class DenialRow(Table):
    """What is good no longer: a grant, a track's grants of up to `denied_at_s`, an asset.

    `until_s` is when the last grant that this denies has expired by itself. Unix times.
    """

    __tablename__ = "denials"
    __table_args__ = (Index(None, "until_s"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    denied_at_s: Mapped[int]
    until_s: Mapped[int]


class DenialChangesRow(Table):
    """One row: how often the denials have changed, so that whoever polls them reads only this."""

    __tablename__ = "denial_changes"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class LongGrantRow(Table):
    """When the last of a track's grants that were made longer than is usual ends (Unix time)."""

    __tablename__ = "long_grants"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    expires_at_s: Mapped[int]


class PurgeRow(Table):
    """An asset that an edge was told to forget, and when it said that it had."""

    __tablename__ = "purges"
    __table_args__ = (Index(None, "confirmed_at_ms", "due_at_ms"),)

    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.asset_id"), primary_key=True)
    edge: Mapped[str] = mapped_column(primary_key=True)
    requested_at_ms: Mapped[int]
    due_at_ms: Mapped[int]
    confirmed_at_ms: Mapped[int | None]
    attempts: Mapped[int]
    error_message: Mapped[str | None]


class JobRow(Table):
    """Work that has to be done, and who has leased it until when."""

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "subject"), Index(None, "state", "due_at_ms"))

    job_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at_ms: Mapped[int]
    owner: Mapped[str | None]
    leased_until_ms: Mapped[int | None]
    progress: Mapped[dict[str, Any] | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
