"""0014 audiences in slices: a broadcast knows how far it is, and a census of readers is made a slice at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision. Broadcasts that were sent before have their whole audience."""
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("slices", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("filled", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("most", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "reader_census",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    readers = sa.text("reachable AND warned AND news IS NOT NULL")
    op.create_index("ix_people_readers", "people", ["tag"], postgresql_where=readers, sqlite_where=readers)
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("broadcast_recipients", recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass


def downgrade() -> None:
    """Back to the one before. A table without rowid stays so: the older version does not mind."""
    op.drop_index("ix_people_readers", "people")
    op.drop_table("reader_census")
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_column("most")
        batch_op.drop_column("filled")
        batch_op.drop_column("slices")
