"""Writing tables anew: all their rows from one transaction and in the order of their random keys, in new pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, column, delete, select, text
from sqlalchemy import table as scratch

from storage.engine.unit_of_work import UnitOfWork


async def write_anew(work: UnitOfWork, table: Table, kept: Select[Any] | None = None) -> None:
    """Write a table anew, so that no place on disk tells which of its rows came when, or with what.

    kept: what it holds afterwards, all its columns in their order; None: all that it holds now.
    The database does it by itself, for a table may be large; on PostgreSQL TRUNCATE begins new files. The caller
    holds the table alone.
    """
    stays = (select(table) if kept is None else kept).compile(
        dialect=work.connection.dialect, compile_kwargs={"literal_binds": True}
    )
    anew = scratch("anew", *map(column, table.columns.keys()))
    order = (anew.c[key] for key in table.primary_key.columns.keys())
    await work.toil(text(f"CREATE TEMPORARY TABLE anew AS {stays}"))
    await work.toil(delete(table) if work.is_sqlite else text(f"TRUNCATE {table.name}"))
    await work.toil(table.insert().from_select(anew.c.keys(), select(anew).order_by(*order)))
    await work.toil(text("DROP TABLE anew"))
