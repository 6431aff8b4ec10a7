"""0009 the chain of a vote holds what was told at its opening and since; older chains begin anew."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision. Links are made in another way now: an open vote's chain is written again the next evening."""
    op.execute("DELETE FROM commitments")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="ballot"))
        batch_op.add_column(sa.Column("said", sa.String(), nullable=True))
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_head", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.execute("DELETE FROM commitments")
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_column("first_head")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.drop_column("said")
        batch_op.drop_column("kind")
