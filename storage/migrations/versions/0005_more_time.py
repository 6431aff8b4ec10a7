"""0005 more time for a vote, and what halts one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extensions", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("halted", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_column("halted")
        batch_op.drop_column("extensions")
