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
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Tracks that can be played, and of which nobody has been told yet that somebody may.
AWAITED = (
    "live_at_ms IS NULL AND asset_id IS NOT NULL "
    "AND taken_down_at_ms IS NULL AND deleted_at_ms IS NULL"
)


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
        list[dict[str, Any]]: JSON,
    }


class TenantRow(Table):
    """Whoever sends masters: an artist or a label."""

    __tablename__ = "tenants"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at_ms: Mapped[int]
    kind: Mapped[str] = mapped_column(server_default="artist")
    max_bytes: Mapped[int | None]
    max_tracks: Mapped[int | None]
    max_uploads: Mapped[int | None]


class ApiKeyRow(Table):
    """The SHA-256 of an API key; the key itself is shown once and kept nowhere.

    `key_id` names it where it is listed and in the audit log; `scopes` have spaces between.
    """

    __tablename__ = "api_keys"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    label: Mapped[str]
    created_at_ms: Mapped[int]
    key_id: Mapped[str | None] = mapped_column(index=True)
    scopes: Mapped[str] = mapped_column(server_default="read upload admin")
    revoked_at_ms: Mapped[int | None]


class AuditRow(Table):
    """One change: when, by whom (`key …`, `command line`, `worker`), what, to what."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "tenant_id", "at_ms"),)

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    at_ms: Mapped[int]
    tenant_id: Mapped[str | None]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]


class IdempotencyRow(Table):
    """What was answered to a request under the key that its sender chose for it.

    Until then `owner` has it in hand; `done` is what the request's own transaction has changed.
    """

    __tablename__ = "idempotency"
    __table_args__ = (Index(None, "created_at_ms"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str | None]
    owner: Mapped[str | None]
    leased_until_ms: Mapped[int | None]
    done: Mapped[dict[str, Any] | None]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None]
    created_at_ms: Mapped[int]


class RecordingRow(Table):
    """What is heard, once however many files hold it.

    `examination` is what the quality gate measured of its samples.
    """

    __tablename__ = "recordings"

    audio_id: Mapped[str] = mapped_column(primary_key=True)
    lossless: Mapped[bool]
    sample_rate_hz: Mapped[int]
    channels: Mapped[int]
    samples: Mapped[int]
    created_at_ms: Mapped[int]
    examination: Mapped[dict[str, Any] | None]


class FingerprintRow(Table):
    """A recording's Chromaprint: its words as little-endian 32-bit integers."""

    __tablename__ = "fingerprints"

    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), primary_key=True)
    words: Mapped[bytes]


class FingerprintTermRow(Table):
    """Where to look for recordings that sound alike: a word, cut short, and who has it."""

    __tablename__ = "fingerprint_terms"
    __table_args__ = (Index(None, "audio_id"),)

    term: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), primary_key=True)


class ReviewRow(Table):
    """Two recordings that may be one: for the operator to look at, and nobody else."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("audio_id", "other_audio_id"), Index(None, "state"))

    review_id: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"))
    other_audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    similarity: Mapped[float]
    state: Mapped[str]
    note: Mapped[str | None]
    created_at_ms: Mapped[int]
    decided_at_ms: Mapped[int | None]


class MasterRow(Table):
    """A file as uploaded; `audio_id` once it has been identified.

    `examination` is what the quality gate found of the file itself. `unreferenced_at_ms` is when
    the last that referred to it let go; `removed_at_ms` when its bytes left the store.
    """

    __tablename__ = "masters"

    master_id: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    created_at_ms: Mapped[int]
    examination: Mapped[dict[str, Any] | None]
    unreferenced_at_ms: Mapped[int | None]
    removed_at_ms: Mapped[int | None]


class ArtworkRow(Table):
    """A cover in its square sizes; `artwork_id` is the SHA-256 of the largest.

    `source_sha256` is of the image that it was made from, which so is decoded once.
    """

    __tablename__ = "artworks"

    artwork_id: Mapped[str] = mapped_column(primary_key=True)
    source_sha256: Mapped[str | None] = mapped_column(index=True)
    sizes: Mapped[dict[str, Any]]
    created_at_ms: Mapped[int]
    unreferenced_at_ms: Mapped[int | None]


class AssetRow(Table):
    """What is delivered of a recording, at one revision of the ladder."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("audio_id", "ladder"),)

    asset_id: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"))
    ladder: Mapped[str]
    created_at_ms: Mapped[int]
    unreferenced_at_ms: Mapped[int | None]


class TrackRow(Table):
    """A tenant's catalogue entry."""

    __tablename__ = "tracks"
    __table_args__ = (
        Index(None, "tenant_id", "created_at_ms", "track_id"),
        Index(None, "deleted_at_ms"),
        Index(
            "ix_tracks_awaited", "live_at_ms", "track_id",
            sqlite_where=text(AWAITED), postgresql_where=text(AWAITED),
        ),
    )  # fmt: skip

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
    deleted_at_ms: Mapped[int | None]
    live_at_ms: Mapped[int | None]
    tags: Mapped[dict[str, Any] | None]
    findings: Mapped[list[dict[str, Any]] | None]


class TrackArtworkRow(Table):
    """The cover that a track shows."""

    __tablename__ = "track_artworks"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    artwork_id: Mapped[str] = mapped_column(ForeignKey("artworks.artwork_id"), index=True)


class FormerAudioRow(Table):
    """What a track was before its audio was replaced: kept until the last grant for it ends."""

    __tablename__ = "former_audio"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    master_id: Mapped[str] = mapped_column(
        ForeignKey("masters.master_id"), primary_key=True, index=True
    )
    asset_id: Mapped[str | None] = mapped_column(ForeignKey("assets.asset_id"), index=True)
    replaced_at_ms: Mapped[int]
    until_ms: Mapped[int]


class ReplacementRow(Table):
    """New audio on its way to a track: `candidate_id` is a track of its own, which nobody sees.

    `grant_ttl_s` is how long grants for the old audio may be good for when it is replaced.
    """

    __tablename__ = "replacements"

    candidate_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), unique=True)
    grant_ttl_s: Mapped[int]


class UploadRow(Table):
    """A master on its way in, by tus or straight to the store; times are Unix milliseconds.

    `track_id` is what it became; `replaces` the track whose audio it is to be.
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
    master_id: Mapped[str | None]
    track_id: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]


class HoldRow(Table):
    """Somebody is writing an object, or collecting it: the others leave it alone until then.

    `subject` is what the keys begin with: `masters/{id}`, `audio/{id}`, `artwork/{id}`.
    """

    __tablename__ = "holds"

    subject: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    owner: Mapped[str]
    until_ms: Mapped[int]


class WebhookRow(Table):
    """Where a tenant wants to be told of what happens; `events` have spaces between."""

    __tablename__ = "webhooks"

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[str]
    created_at_ms: Mapped[int]


class WebhookMessageRow(Table):
    """What a webhook is to be told: entered with the change itself, sent until it is heard."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index(None, "state", "due_at_ms"),)

    message_id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id"), index=True)
    event: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at_ms: Mapped[int]
    error_message: Mapped[str | None]
    created_at_ms: Mapped[int]


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
