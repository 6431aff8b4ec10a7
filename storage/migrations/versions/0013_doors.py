"""0013 marks of updates by door, for each door has its own update numbers. Marks that exist are Telegram's."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    _made_anew("'telegram', update_id, day", sa.Column("door", sa.String(20), nullable=False))


def downgrade() -> None:
    """Back to the one before."""
    _made_anew("update_id, day")


def _made_anew(kept: str, *columns: sa.Column[str]) -> None:
    """Make the table anew with its rows, for SQLite can't change a primary key. kept: SQL of the values to copy."""
    op.execute("CREATE TABLE done_updates_before AS SELECT * FROM done_updates")
    op.drop_table("done_updates")
    op.create_table(
        "done_updates",
        *columns,
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(*(column.name for column in columns), "update_id"),
    )
    op.create_index("ix_done_updates_day", "done_updates", ["day"])
    op.execute(f"INSERT INTO done_updates SELECT DISTINCT {kept} FROM done_updates_before")  # noqa: S608 - ours
    op.drop_table("done_updates_before")
