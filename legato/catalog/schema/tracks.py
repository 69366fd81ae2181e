"""Tenants' catalogue entries, and what they were and are to be."""

from typing import Any

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from legato.catalog.schema.table import Table

# Tracks that can be played, and of which nobody has been told yet that somebody may.
AWAITED = (
    "live_at_ms IS NULL AND asset_id IS NOT NULL "
    "AND taken_down_at_ms IS NULL AND deleted_at_ms IS NULL"
)


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
