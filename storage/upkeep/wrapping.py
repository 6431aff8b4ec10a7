"""Every place where a wrapped key stands: what `keys rotate` wraps anew and `keys check` tries."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, select, update

from storage.broadcasts.census import Census
from storage.broadcasts.invitations import Recipient
from storage.budget.ballots import RoundKey
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.engine.vault import RecordKey
from storage.outbox.queue import Outgoing
from storage.people.updates import DeadLetter
from storage.signals.line_cuts import LineCut


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A table with wrapped keys: its key column, and the record they are bound to ("" = the row's own id)."""

    table: Table
    key: str
    record: str = ""

    @property
    def column(self) -> Column[object]:
        """The primary key's column."""
        return self.table.c[self.key]


WRAPPED = (
    Wrapped(table_of(RecordKey), "record_id"),
    Wrapped(table_of(RoundKey), "round_id"),
    Wrapped(table_of(Outgoing), "id", "outbox"),
    Wrapped(table_of(DeadLetter), "id"),
    Wrapped(table_of(Recipient), "id"),
    Wrapped(table_of(LineCut), "id"),
    Wrapped(table_of(Census), "id"),
)


async def page(
    work: UnitOfWork, source: Wrapped, after: object, most: int, *, lock: bool = False, before: int | None = None
) -> list[tuple[object, str, bytes]]:
    """Rows after `after` in the order of their ids: (id, record, wrapped key). Ended outbox rows have none.

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
