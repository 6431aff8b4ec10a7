"""0003 invitations."""

import sqlalchemy as sa
from alembic import op

from storage.engine.columns import UtcMoment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("news", sa.LargeBinary(), nullable=True))
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("texts", sa.String(), nullable=False),
        sa.Column("missing", sa.String(length=10), nullable=True),
        sa.Column("go", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("buurten", sa.String(), nullable=False),
        sa.Column("languages", sa.String(length=60), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("asked_tag", sa.LargeBinary(), nullable=True),
        sa.Column("approved_tag", sa.LargeBinary(), nullable=True),
        sa.Column("test_hash", sa.LargeBinary(), nullable=True),
        sa.Column("test_until", UtcMoment(), nullable=True),
        sa.Column("tested", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcMoment(), nullable=True),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.Column("tally", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("test_hash"),
    )
    op.create_index(op.f("ix_broadcasts_state"), "broadcasts", ["state"])
    op.create_table(
        "broadcast_recipients",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("broadcast_id", sa.String(length=26), nullable=False),
        sa.Column("recipient_tag", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("recipient_tag"),
    )
    op.create_index("ix_broadcast_recipients_turn", "broadcast_recipients", ["broadcast_id", "state", "id"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("broadcast_recipients")
    op.drop_table("broadcasts")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("news")
