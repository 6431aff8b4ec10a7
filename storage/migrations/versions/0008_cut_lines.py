"""0008 cut lines: a table of requests to cut one; tables whose order of rows could undo a cut are rewritten."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.engine.columns import UtcMoment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# SQLite kept the rows of these tables in the order in which they came: that told whose a cut signal was.
_ANEW = ("record_keys", "erasures", "signals", "signal_messages", "signal_moves", "openers", "attachments")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "line_cuts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("asker_tag", sa.LargeBinary(), nullable=False),
        sa.Column("signal_id", sa.String(length=26), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_line_cuts_asker_tag", "line_cuts", ["asker_tag"])
    _phone_messages("at", "day", sa.Date(), "date(at)", "CAST(at AT TIME ZONE 'UTC' AS date)")
    for name in _ANEW:
        _write_anew(name)


def downgrade() -> None:
    """Back to the one before. Tables without rowid stay so: the older version does not mind."""
    moment = "day || ' 00\\:00\\:00.000000'"
    _phone_messages("day", "at", UtcMoment(), moment, "CAST(day AS timestamp) AT TIME ZONE 'UTC'")
    op.drop_table("line_cuts")


def _write_anew(name: str) -> None:
    """Rewrite a table with its rows in the order of their random ids, for the lines that were cut before."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    anew = sa.table("anew", *map(sa.column, table.columns.keys()))
    op.execute(f"CREATE {'' if sqlite else 'TEMPORARY'} TABLE anew AS {sa.select(table)}")
    op.execute(sa.delete(table) if sqlite else f"TRUNCATE {name}")
    if sqlite and name != "attachments":  # large rows are better off with rowids
        with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass
    ordered = sa.select(anew).order_by(*(anew.c[key] for key in table.primary_key.columns.keys()))
    op.execute(sa.insert(table).from_select(anew.c.keys(), ordered))
    op.execute("DROP TABLE anew")


def _phone_messages(before: str, after: str, kind: sa.types.TypeEngine[Any], sqlite: str, postgres: str) -> None:
    """Replace column `before` by `after`. sqlite, postgres: SQL that works out the new value in each database."""
    with op.batch_alter_table("phone_messages", schema=None) as batch_op:
        batch_op.drop_index(f"ix_phone_messages_{before}")
        batch_op.add_column(sa.Column(after, kind, nullable=True))
    words: sa.TextClause = sa.text(sqlite if op.get_bind().dialect.name == "sqlite" else postgres)
    op.execute(sa.update(sa.table("phone_messages", sa.column(after))).values({after: words}))
    with op.batch_alter_table("phone_messages", schema=None) as batch_op:
        batch_op.alter_column(after, existing_type=kind, nullable=False)
        batch_op.drop_column(before)
        batch_op.create_index(f"ix_phone_messages_{after}", [after])
