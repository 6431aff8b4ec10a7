"""Alembic's entrance: runs the migrations on the connection that storage/engine/database.py opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import text
from sqlmodel.sql.sqltypes import AutoString

from storage.engine.columns import UtcMoment
from storage.upkeep.tables import metadata

_LOCK = 0x62757572  # "buur": any number that nobody else locks in this database


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
            # An operator may have given the role a limit; a migration waits for another one as long as that takes.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()


run()
