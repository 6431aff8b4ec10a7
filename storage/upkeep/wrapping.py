"""Every place where a wrapped key stands: what `keys rotate` wraps anew and `keys check` tries."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, select, update

from storage.broadcasts.census import CensusTable
from storage.broadcasts.invitations import RecipientTable
from storage.budget.ballots import RoundKeyTable
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.engine.vault import RecordKeyTable
from storage.outbox.queue import OutboxTable
from storage.people.updates import DeadLetterTable
from storage.signals.line_cuts import LineCutTable


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A table with wrapped keys. key: its primary key's column · record: what they are bound to, "" = the row's id."""

    table: Table
    key: str
    record: str = ""

    @property
    def column(self) -> Column[object]:
        """The primary key's column."""
        return self.table.c[self.key]


WRAPPED = (
    Wrapped(table_of(RecordKeyTable), "record_id"),
    Wrapped(table_of(RoundKeyTable), "round_id"),
    Wrapped(table_of(OutboxTable), "id", "outbox"),
    Wrapped(table_of(DeadLetterTable), "id"),
    Wrapped(table_of(RecipientTable), "id"),
    Wrapped(table_of(LineCutTable), "id"),
    Wrapped(table_of(CensusTable), "id"),
)


async def page(
    work: UnitOfWork, source: Wrapped, after: object, most: int, *, lock: bool = False, before: int | None = None
) -> list[tuple[object, str, bytes]]:
    """Rows after `after` in the order of their ids: (id, record, wrapped key). Rows without a wrapped key are left out.

    before: only those under a team key older than this number.
    """
    query = select(source.column.label("id"), source.table.c.wrapped).order_by(source.column).limit(most)
    query = query.where(source.table.c.wrapped != b"")
    if before is not None:
        query = query.where(source.table.c.wrapped < before.to_bytes(4, "big"))
    if after is not None:
        query = query.where(source.column > after)
    rows = await work.run(query.with_for_update() if lock else query)
    return [(row.id, source.record or str(row.id), row.wrapped) for row in rows]


async def put(work: UnitOfWork, source: Wrapped, row_id: object, wrapped: bytes) -> None:
    """Put a newly wrapped key in place of the old one."""
    await work.run(update(source.table).where(source.column == row_id).values(wrapped=wrapped))
