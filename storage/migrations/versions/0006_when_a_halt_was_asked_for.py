"""0006 when a halt was asked for."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.engine.columns import UtcMoment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("halts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", UtcMoment(), nullable=True))
    # A halt that is in force goes on: any moment in the past will do for when it was asked for.
    halts = sa.table("halts", sa.column("since", UtcMoment()))
    op.execute(halts.update().values(since=datetime(2026, 1, 1, tzinfo=UTC)))
    with op.batch_alter_table("halts", schema=None) as batch_op:
        batch_op.alter_column("since", existing_type=UtcMoment(), nullable=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("halts", schema=None) as batch_op:
        batch_op.drop_column("since")
