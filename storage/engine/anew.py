"""Rewriting tables: all rows come from one transaction and lie in new pages, in the order of their random keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, column, delete, select, text
from sqlalchemy import table as scratch

from storage.engine.unit_of_work import UnitOfWork


async def write_anew(work: UnitOfWork, table: Table, kept: Select[Any] | None = None) -> None:
    """Rewrite a table, so that no place on disk tells when a row came, or with which other rows.

    kept: a SELECT of the rows that stay, with all columns of the table in their order; None: all rows stay.
    The rows never pass through this process, for a table may be large; on PostgreSQL TRUNCATE begins new files. The
    caller has locked the table for itself alone. Raises DatabaseAway.
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
