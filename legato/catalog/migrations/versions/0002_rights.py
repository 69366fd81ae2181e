"""Rights, takedowns, denials and purges."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # `ADD COLUMN`, and no table made anew: other tables refer to this one
    op.add_column(
        "tracks", sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("tracks", sa.Column("taken_down_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("tracks", sa.Column("takedown_reason", sa.Text(), nullable=True))
    op.create_table(
        "deals",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("tiers", sa.JSON(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.track_id"], name=op.f("fk_deals_track_id")),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_deals")),
    )
    op.create_index(op.f("ix_deals_track_id"), "deals", ["track_id"])
    op.create_table(
        "deal_territories",
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.deal_id"], name=op.f("fk_deal_territories_deal_id")
        ),
        sa.PrimaryKeyConstraint("deal_id", "territory", name=op.f("pk_deal_territories")),
    )
    op.create_table(
        "denials",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("denied_at_s", sa.BigInteger(), nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_denials")),
    )
    op.create_index(op.f("ix_denials_until_s"), "denials", ["until_s"])
    changes = op.create_table(
        "denial_changes",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_denial_changes")),
    )
    op.bulk_insert(changes, [{"number": 0}])
    op.create_table(
        "long_grants",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.track_id"], name=op.f("fk_long_grants_track_id")
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_long_grants")),
    )
    op.create_table(
        "purges",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name=op.f("fk_purges_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", "edge", name=op.f("pk_purges")),
    )
    op.create_index(
        op.f("ix_purges_confirmed_at_ms_due_at_ms"), "purges", ["confirmed_at_ms", "due_at_ms"]
    )


def downgrade() -> None:
    every = ("purges", "long_grants", "denial_changes", "denials", "deal_territories", "deals")
    for table in every:
        op.drop_table(table)
    for column in ("takedown_reason", "taken_down_at_ms", "public"):
        op.drop_column("tracks", column)
