"""Uploads, keys with scopes, quotas, references, fingerprints, reviews, webhooks, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AWAITED = (
    "live_at_ms IS NULL AND asset_id IS NOT NULL "
    "AND taken_down_at_ms IS NULL AND deleted_at_ms IS NULL"
)


def upgrade() -> None:
    op.create_table(
        "artworks",
        sa.Column("artwork_id", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=True),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("unreferenced_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("artwork_id", name=op.f("pk_artworks")),
    )
    op.create_index(op.f("ix_artworks_source_sha256"), "artworks", ["source_sha256"])
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_tenant_id_at_ms"), "audit", ["tenant_id", "at_ms"])
    op.create_table(
        "holds",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "holder", name=op.f("pk_holds")),
    )
    op.create_table(
        "fingerprint_terms",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audio_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audio_id"], ["recordings.audio_id"], name=op.f("fk_fingerprint_terms_audio_id")
        ),
        sa.PrimaryKeyConstraint("term", "audio_id", name=op.f("pk_fingerprint_terms")),
    )
    op.create_index(op.f("ix_fingerprint_terms_audio_id"), "fingerprint_terms", ["audio_id"])
    op.create_table(
        "fingerprints",
        sa.Column("audio_id", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audio_id"], ["recordings.audio_id"], name=op.f("fk_fingerprints_audio_id")
        ),
        sa.PrimaryKeyConstraint("audio_id", name=op.f("pk_fingerprints")),
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("leased_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.JSON(), nullable=True),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_idempotency_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "idempotency_key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at_ms"), "idempotency", ["created_at_ms"])
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("audio_id", sa.Text(), nullable=False),
        sa.Column("other_audio_id", sa.Text(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["audio_id"], ["recordings.audio_id"], name=op.f("fk_reviews_audio_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_audio_id"], ["recordings.audio_id"], name=op.f("fk_reviews_other_audio_id")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reviews")),
        sa.UniqueConstraint(
            "audio_id", "other_audio_id", name=op.f("uq_reviews_audio_id_other_audio_id")
        ),
    )
    op.create_index(op.f("ix_reviews_other_audio_id"), "reviews", ["other_audio_id"])
    op.create_index(op.f("ix_reviews_state"), "reviews", ["state"])
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("described", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("store_upload_id", sa.Text(), nullable=True),
        sa.Column("part_size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("folder_id", sa.Text(), nullable=True),
        sa.Column("complete_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("master_id", sa.Text(), nullable=True),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_uploads_tenant_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_state_expires_at_ms"), "uploads", ["state", "expires_at_ms"])
    op.create_index(op.f("ix_uploads_tenant_id_state"), "uploads", ["tenant_id", "state"])
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_webhooks_tenant_id")
        ),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_tenant_id"), "webhooks", ["tenant_id"])
    op.create_table(
        "webhook_messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.webhook_id"], name=op.f("fk_webhook_messages_webhook_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_webhook_messages")),
    )
    op.create_index(
        op.f("ix_webhook_messages_state_due_at_ms"), "webhook_messages", ["state", "due_at_ms"]
    )
    op.create_index(op.f("ix_webhook_messages_webhook_id"), "webhook_messages", ["webhook_id"])
    op.create_table(
        "former_audio",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("master_id", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=True),
        sa.Column("replaced_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.asset_id"], name=op.f("fk_former_audio_asset_id")
        ),
        sa.ForeignKeyConstraint(
            ["master_id"], ["masters.master_id"], name=op.f("fk_former_audio_master_id")
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.track_id"], name=op.f("fk_former_audio_track_id")
        ),
        sa.PrimaryKeyConstraint("track_id", "master_id", name=op.f("pk_former_audio")),
    )
    op.create_index(op.f("ix_former_audio_asset_id"), "former_audio", ["asset_id"])
    op.create_index(op.f("ix_former_audio_master_id"), "former_audio", ["master_id"])
    op.create_table(
        "replacements",
        sa.Column("candidate_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("grant_ttl_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["tracks.track_id"], name=op.f("fk_replacements_candidate_id")
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.track_id"], name=op.f("fk_replacements_track_id")
        ),
        sa.PrimaryKeyConstraint("candidate_id", name=op.f("pk_replacements")),
        sa.UniqueConstraint("track_id", name=op.f("uq_replacements_track_id")),
    )
    op.create_table(
        "track_artworks",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("artwork_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artwork_id"], ["artworks.artwork_id"], name=op.f("fk_track_artworks_artwork_id")
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.track_id"], name=op.f("fk_track_artworks_track_id")
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_track_artworks")),
    )
    op.create_index(op.f("ix_track_artworks_artwork_id"), "track_artworks", ["artwork_id"])
    op.add_column("api_keys", sa.Column("key_id", sa.Text(), nullable=True))
    op.add_column(
        "api_keys",
        sa.Column("scopes", sa.Text(), server_default="read upload admin", nullable=False),
    )
    op.add_column("api_keys", sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True))
    op.execute("UPDATE api_keys SET key_id = substr(key_hash, 1, 12)")
    op.create_index(op.f("ix_api_keys_key_id"), "api_keys", ["key_id"])
    op.add_column("assets", sa.Column("unreferenced_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("deaths", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("asked_by", sa.Text(), nullable=True))
    op.add_column("masters", sa.Column("examination", sa.JSON(), nullable=True))
    op.add_column("masters", sa.Column("unreferenced_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("masters", sa.Column("removed_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("recordings", sa.Column("examination", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_recordings_samples"), "recordings", ["samples"])
    op.add_column("tenants", sa.Column("kind", sa.Text(), server_default="artist", nullable=False))
    op.add_column("tenants", sa.Column("max_bytes", sa.BigInteger(), nullable=True))
    op.add_column("tenants", sa.Column("max_tracks", sa.BigInteger(), nullable=True))
    op.add_column("tenants", sa.Column("max_uploads", sa.BigInteger(), nullable=True))
    op.add_column("tracks", sa.Column("deleted_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("tracks", sa.Column("live_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("tracks", sa.Column("tags", sa.JSON(), nullable=True))
    op.add_column("tracks", sa.Column("findings", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_tracks_deleted_at_ms"), "tracks", ["deleted_at_ms"])
    op.create_index(
        "ix_tracks_awaited", "tracks", ["live_at_ms", "track_id"],
        sqlite_where=sa.text(_AWAITED), postgresql_where=sa.text(_AWAITED),
    )  # fmt: skip


def downgrade() -> None:
    for table in (
        "replacements",
        "track_artworks",
        "former_audio",
        "webhook_messages",
        "webhooks",
        "uploads",
        "reviews",
        "idempotency",
        "fingerprints",
        "fingerprint_terms",
        "holds",
        "audit",
        "artworks",
    ):
        op.drop_table(table)
    op.drop_index("ix_tracks_awaited", "tracks")
    op.drop_index(op.f("ix_tracks_deleted_at_ms"), "tracks")
    op.drop_index(op.f("ix_api_keys_key_id"), "api_keys")
    op.drop_index(op.f("ix_recordings_samples"), "recordings")
    for table, column in (
        ("api_keys", "key_id"),
        ("api_keys", "scopes"),
        ("api_keys", "revoked_at_ms"),
        ("assets", "unreferenced_at_ms"),
        ("jobs", "deaths"),
        ("jobs", "asked_by"),
        ("masters", "examination"),
        ("masters", "unreferenced_at_ms"),
        ("masters", "removed_at_ms"),
        ("recordings", "examination"),
        ("tenants", "kind"),
        ("tenants", "max_bytes"),
        ("tenants", "max_tracks"),
        ("tenants", "max_uploads"),
        ("tracks", "deleted_at_ms"),
        ("tracks", "live_at_ms"),
        ("tracks", "tags"),
        ("tracks", "findings"),
    ):
        op.drop_column(table, column)
