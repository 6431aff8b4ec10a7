"""Record keys: each record has a random key of its own, wrapped for the team; to forget a record, destroy its key.

The keys stand in a table of their own: in a backup of all other tables, what was erased is unreadable noise.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from domain.sealing import CannotOpen, new_id, new_key
from storage.engine.columns import WITHOUT_ROWID, blob
from storage.engine.ready import ready_insert
from storage.engine.unit_of_work import UnitOfWork, table_of


class RecordKeyTable(SQLModel, table=True):
    """The wrapped key of one record."""

    __tablename__ = "record_keys"
    __table_args__ = WITHOUT_ROWID

    record_id: str = Field(primary_key=True, max_length=26)
    wrapped: bytes = blob()


class ErasureTable(SQLModel, table=True):
    """The ledger of what was erased: which record key, what kind, on which day. No content, no person."""

    __tablename__ = "erasures"
    __table_args__ = WITHOUT_ROWID

    record_id: str = Field(primary_key=True, max_length=26)
    reason: str = Field(max_length=20)
    erased_on: date


_keys = table_of(RecordKeyTable)
_ADD = ready_insert(_keys)


async def new_record(work: UnitOfWork) -> tuple[str, bytes]:
    """Make a record: its id (26 characters) and its key (32 bytes)."""
    record, key = new_id(), new_key()
    await work.ask(_ADD, record_id=record, wrapped=work.keys.wrap(key, record))
    return record, key


async def open_record(work: UnitOfWork, record: str) -> bytes:
    """The key of a record. Raises CannotOpen when it was destroyed."""
    found = (await work.run(select(_keys.c.wrapped).where(_keys.c.record_id == record))).scalar_one_or_none()
    if found is None:
        raise CannotOpen("the record's key was destroyed")
    return work.keys.unwrap(found, record)


async def destroy_record(work: UnitOfWork, record: str, reason: str) -> None:
    """Destroy a record's key and note it in the ledger: from now on nobody can read what was sealed with it."""
    await work.run(delete(_keys).where(_keys.c.record_id == record))
    insert = work.insert(ErasureTable).values(record_id=record, reason=reason, erased_on=work.today)
    await work.run(insert.on_conflict_do_nothing())
    work.forgot = True
