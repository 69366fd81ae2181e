"""Who may hear what, and what is good no longer."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from legato.catalog.schema.table import Table


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
