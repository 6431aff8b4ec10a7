"""Run by Alembic: applies the migrations on the connection that storage/engine/database.py opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import text
from sqlmodel.sql.sqltypes import AutoString

from storage.engine.columns import UtcMoment
from storage.upkeep.tables import metadata

_LOCK = 0x62757572  # "buur": any number that nobody else locks in this database
# PostgreSQL's ANALYZE keeps samples of what stands in a column, also of what was erased or cut since. Pseudonyms and
# sealed values are bytes, so it must keep none of bytes; changing a type to itself drops the samples that there are.
_NO_SAMPLES = """
DO $$
DECLARE of record;
BEGIN
    FOR of IN
        SELECT attrelid::regclass AS its_table, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND attnum > 0 AND NOT attisdropped
        AND atttypid = 'bytea'::regtype AND attstattarget IS DISTINCT FROM 0
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE bytea, ALTER COLUMN %I SET STATISTICS 0',
            of.its_table, of.attname, of.attname
        );
    END LOOP;
END $$
"""


def written(kind: str, item: object, written_with: Any) -> str | Literal[False]:
    """How a column type is written into a migration: in SQLAlchemy's own words, or ours with its import."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UtcMoment):
        written_with.imports.add("from storage.engine.columns import UtcMoment")
        return "UtcMoment()"
    return False


def run() -> None:
    """Run the migrations in one transaction, on the connection handed in; SQLite can do that too, with our BEGIN.

    One at a time: SQLite's BEGIN IMMEDIATE waits for its turn, PostgreSQL takes an advisory lock. That one belongs to
    the transaction, not to the session: a connection pooler in transaction mode keeps no session.
    """
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=written,
        transaction_per_migration=False,
        transactional_ddl=True,
        on_version_apply=context.config.attributes.get("on_version_apply", ()),
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # An operator may have set a limit for the database role; a migration waits for another as long as it takes.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()
        if connection.dialect.name == "postgresql":
            connection.execute(text(_NO_SAMPLES))


run()
