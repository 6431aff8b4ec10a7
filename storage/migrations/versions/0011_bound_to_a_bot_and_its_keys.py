"""0011 which bot the database belongs to, which team keys are in use, which processes live."""

import sqlalchemy as sa
from alembic import op

from storage.engine.columns import UtcMoment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "team_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("knows", sa.Integer(), nullable=False),
        sa.Column("wraps", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Back to the one before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_destroyed_team_key CASCADE")  # with its triggers
    for table in ("processes", "team_keys", "deployment"):
        op.drop_table(table)
