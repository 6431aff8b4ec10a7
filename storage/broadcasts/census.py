"""The census of readers, the residents who want news: one sealed row, replaced again and again."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob
from storage.engine.unit_of_work import UnitOfWork, table_of


class CensusTable(SQLModel, table=True):
    """How many residents want news, by what they want. content: sealed under a key of its own, which goes with it."""

    __tablename__ = "reader_census"

    id: str = Field(primary_key=True, max_length=26)
    content: bytes = blob()
    wrapped: bytes = blob()


class CensusRow(NamedTuple):
    """The census as it is kept."""

    content: bytes
    wrapped: bytes


ONE = "thereaderswhoarecountednow"  # the id of its one row, in the form of all ids
_census = table_of(CensusTable)


async def kept(work: UnitOfWork, *, lock: bool = False) -> CensusRow | None:
    """The census; None where none was made. lock: no other process goes on with it until the work ends."""
    query = select(_census.c.content, _census.c.wrapped)
    row = (await work.run(query.with_for_update() if lock else query)).one_or_none()
    return CensusRow._make(row) if row else None


async def keep(work: UnitOfWork, row: CensusRow) -> None:
    """Keep a census in place of the one before."""
    insert = work.insert(CensusTable).values(id=ONE, **row._asdict())
    await work.run(insert.on_conflict_do_update(index_elements=[_census.c.id], set_=row._asdict()))


async def drop(work: UnitOfWork) -> None:
    """Forget the census."""
    await work.run(delete(_census))
