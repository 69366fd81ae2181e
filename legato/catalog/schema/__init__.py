"""The catalogue's tables. Times are Unix milliseconds; ids are the design's five identities."""

from legato.catalog.schema.audio import (
    ArtworkRow,
    AssetRow,
    FingerprintRow,
    FingerprintTermRow,
    MasterRow,
    RecordingRow,
    ReviewRow,
)
from legato.catalog.schema.rights import (
    DealRow,
    DealTerritoryRow,
    DenialChangesRow,
    DenialRow,
    LongGrantRow,
    PurgeRow,
)
from legato.catalog.schema.table import Table
from legato.catalog.schema.tenants import (
    ApiKeyRow,
    AuditRow,
    IdempotencyRow,
    TenantRow,
    WebhookMessageRow,
    WebhookRow,
)
from legato.catalog.schema.tracks import (
    AWAITED,
    FormerAudioRow,
    ReleaseRow,
    ReleaseTrackRow,
    ReplacementRow,
    TrackArtworkRow,
    TrackRow,
)
from legato.catalog.schema.work import HoldRow, JobRow, UploadRow

__all__ = [
    "AWAITED",
    "ApiKeyRow",
    "ArtworkRow",
    "AssetRow",
    "AuditRow",
    "DealRow",
    "DealTerritoryRow",
    "DenialChangesRow",
    "DenialRow",
    "FingerprintRow",
    "FingerprintTermRow",
    "FormerAudioRow",
    "HoldRow",
    "IdempotencyRow",
    "JobRow",
    "LongGrantRow",
    "MasterRow",
    "PurgeRow",
    "RecordingRow",
    "ReleaseRow",
    "ReleaseTrackRow",
    "ReplacementRow",
    "ReviewRow",
    "Table",
    "TenantRow",
    "TrackArtworkRow",
    "TrackRow",
    "UploadRow",
    "WebhookMessageRow",
    "WebhookRow",
]
