"""Requests to cut the line between a signal and its reporter, and the rewriting of tables that leaves no link.

A cut signal must not be found by where its rows lie: rows that were written together, or one after the other, are of
one person. So after a cut all rows of signals, and all record keys, come from one transaction and stand in the order of
random ids. On PostgreSQL outbox, conversations and phone messages are rewritten too: their dead rows would still tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlmodel import Field, SQLModel

from storage.engine.anew import write_anew
from storage.engine.away import Held
from storage.engine.columns import WITHOUT_ROWID, blob
from storage.engine.unit_of_work import LOCK_TIMEOUT, UnitOfWork, table_of
from storage.engine.vault import ErasureTable, RecordKeyTable
from storage.outbox.queue import OutboxTable
from storage.people.phone_messages import PhoneMessageTable
from storage.people.residents import ConversationTable
from storage.signals.cases import AttachmentTable, OpenerTable, SignalMessageTable, SignalMoveTable, SignalTable


class LineCutRow(SQLModel):
    """A request to cut a line. signal_id: the signal; None once it is cut, while the resident must still be told.

    asker_tag: a pseudonym for this table alone · content: sealed JSON under a key of its own.
    """

    id: str = Field(primary_key=True, max_length=26)
    asker_tag: bytes = blob(index=True)
    signal_id: str | None = Field(default=None, max_length=26)
    content: bytes = blob()
    wrapped: bytes = blob()


class LineCutTable(LineCutRow, table=True):
    """The table of lines that are being cut."""

    __tablename__ = "line_cuts"
    __table_args__ = WITHOUT_ROWID


_cuts = table_of(LineCutTable)
_attachments = table_of(AttachmentTable)
_conversations, _outbox, _phone = table_of(ConversationTable), table_of(OutboxTable), table_of(PhoneMessageTable)
_keys = table_of(RecordKeyTable)
_OF_SIGNALS = tuple(
    table_of(one) for one in (SignalTable, OpenerTable, SignalMessageTable, SignalMoveTable, ErasureTable)
)
_ALWAYS = (_keys, *_OF_SIGNALS, _cuts)
_DEAD_ROWS_TELL = (_conversations, _outbox, _phone)
# The order of locks: a resident's update locks the first two before anything else, sending locks the last two in this
# order. So we wait for work that is in the middle, and work that begins waits without holding a lock itself.
_HELD = (_keys, _conversations, *_OF_SIGNALS, _cuts, _attachments, _outbox, _phone)
_PATIENCE = "800ms"  # less than `deadlock_timeout`: where two wait for each other, we give way
_BACKUP = 7_008  # any number, the same for all processes of one database
_OTHERS = 32  # files of others that are written anew with those of a cut signal on SQLite


async def add(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a request to cut a line."""
    await work.run(_cuts.insert(), values)


async def asked(work: UnitOfWork, most: int = 100, *, asker_tag: bytes | None = None) -> list[LineCutRow]:
    """Requests whose line is still to be cut: up to `most` of all, or of one resident."""
    query = select(_cuts).where(_cuts.c.signal_id.is_not(None))
    if asker_tag is not None:
        query = query.where(_cuts.c.asker_tag == asker_tag)
    return [LineCutRow.model_construct(**row) for row in (await work.run(query.limit(most))).mappings()]


async def untold(work: UnitOfWork, most: int) -> list[LineCutRow]:
    """Cuts that are done and of which the resident must still be told; locked until the work ends."""
    query = select(_cuts).where(_cuts.c.signal_id.is_(None)).limit(most).with_for_update()
    return [LineCutRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def done(work: UnitOfWork, cut_id: str, values: Mapping[str, Any]) -> None:
    """Note that a cut is done: from now on the row names no signal."""
    await work.run(update(_cuts).where(_cuts.c.id == cut_id).values(signal_id=None, **values))


async def drop(work: UnitOfWork, cut_id: str) -> None:
    """Forget a cut once the resident was told."""
    await work.run(delete(_cuts).where(_cuts.c.id == cut_id))
    work.forgot = True


async def drop_of(work: UnitOfWork, asker_tag: bytes) -> None:
    """Forget all requests of one resident."""
    await work.run(delete(_cuts).where(_cuts.c.asker_tag == asker_tag))


async def hold_tables(work: UnitOfWork) -> None:
    """Lock all tables that are rewritten until the work ends. Raises Held when a backup runs or a lock takes long."""
    if not work.is_sqlite:
        # A backup reads for minutes: waiting for its tables would hold up everybody's taps.
        if not (await work.run(select(func.pg_try_advisory_xact_lock(_BACKUP)))).scalar_one():
            raise Held
        names = ", ".join(table.name for table in _HELD)
        await work.run(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        await work.run(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        await work.run(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))


async def hold_for_reading(work: UnitOfWork) -> None:
    """For a backup, which reads one state of the database for minutes: no table is rewritten until the work ends."""
    if not work.is_sqlite:
        names = ", ".join(table.name for table in _HELD)
        await work.run(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))
        await work.run(select(func.pg_advisory_xact_lock_shared(_BACKUP)))  # last: a SELECT fixes the state we see


async def mix(work: UnitOfWork, signal_ids: Collection[str]) -> None:
    """Rewrite whatever would link these signals, just cut, to their reporters. The caller holds the tables."""
    for table in _ALWAYS if work.is_sqlite else (*_ALWAYS, *_DEAD_ROWS_TELL):
        await write_anew(work, table)
    mine = select(_attachments.c.id).where(_attachments.c.signal_id.in_(list(signal_ids)))
    if (files := list((await work.run(mine)).scalars())) and work.is_sqlite:
        await _mix_files(work, files)
    elif files:
        await write_anew(work, _attachments)
    work.forgot = True


async def _mix_files(work: UnitOfWork, files: list[str]) -> None:
    """Rewrite these files and some random others: all files at once would be in memory at the same time on SQLite."""
    others = select(_attachments.c.id).where(_attachments.c.id.not_in(files)).order_by(func.random()).limit(_OTHERS)
    chosen = _attachments.c.id.in_(sorted([*files, *(await work.run(others)).scalars()]))
    rows = (await work.run(select(_attachments).where(chosen).order_by(_attachments.c.id))).mappings().all()
    await work.run(delete(_attachments).where(chosen))
    await work.run(_attachments.insert(), [dict(row) for row in rows])
