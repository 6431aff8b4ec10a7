"""0004 budget."""

import sqlalchemy as sa
from alembic import op

from storage.engine.columns import UtcMoment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "ballots",
        sa.Column("ballot_tag", sa.LargeBinary(), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ballot_tag"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballots_round_id"), ["round_id"], unique=False)

    op.create_table(
        "code_batches",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("code_class", sa.String(length=12), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("handed_out", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("code_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_batches_round_id"), ["round_id"], unique=False)

    op.create_table(
        "commitments",
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "number"),
    )
    op.create_table(
        "counted_ballots",
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("receipt", sa.String(length=12), nullable=False),
        sa.Column("choices", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "receipt"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        sa.Column("draft_tag", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reminded", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("draft_tag"),
        sa.UniqueConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_round_id"), ["round_id"], unique=False)

    op.create_table(
        "plan_photos",
        sa.Column("plan_id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    with op.batch_alter_table("plan_photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_photos_round_id"), ["round_id"], unique=False)

    op.create_table(
        "plans",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("has_photo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plans_round_id"), ["round_id"], unique=False)

    op.create_table(
        "published_results",
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("round_id"),
    )
    op.create_table(
        "roll",
        sa.Column("code_tag", sa.LargeBinary(), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("code_class", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_tag"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("roll", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roll_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_keys",
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("round_id"),
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("areas", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("choose_min", sa.Integer(), nullable=False),
        sa.Column("choose_max", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("opens_at", UtcMoment(), nullable=False),
        sa.Column("closes_at", UtcMoment(), nullable=False),
        sa.Column("tie_seed", sa.String(length=64), nullable=False),
        sa.Column("committed_on", sa.Date(), nullable=True),
        sa.Column("tally", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rounds_state"), ["state"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rounds_state"))

    op.drop_table("rounds")
    op.drop_table("round_keys")
    with op.batch_alter_table("roll", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roll_round_id"))

    op.drop_table("roll")
    op.drop_table("published_results")
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plans_round_id"))

    op.drop_table("plans")
    with op.batch_alter_table("plan_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_photos_round_id"))

    op.drop_table("plan_photos")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drafts_round_id"))

    op.drop_table("drafts")
    op.drop_table("counted_ballots")
    op.drop_table("commitments")
    with op.batch_alter_table("code_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_batches_round_id"))

    op.drop_table("code_batches")
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballots_round_id"))

    op.drop_table("ballots")
