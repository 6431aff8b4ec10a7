"""0006 rounds and plans have a version; who approved a broadcast stands in the access log."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    for table in ("rounds", "plans"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_column("approved_tag")


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approved_tag", sa.LargeBinary(), nullable=True))
    for table in ("plans", "rounds"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("version")
