"""The access log: who read or did what to which signal, as tags, in a hash chain whose head is kept apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Field, SQLModel

from domain.chain import BEGINNING, Content, linked
from storage.engine.columns import blob, moment
from storage.engine.unit_of_work import UnitOfWork, table_of


class AccessLogTable(SQLModel, table=True):
    """One act of a member of staff. Tags, not names: nobody can be found from here without the keys."""

    __tablename__ = "access_log"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    staff_tag: bytes = blob(index=True)
    signal_tag: bytes = blob(index=True)
    act: str = Field(max_length=20)
    reason: str = Field(max_length=20)
    hash: bytes = blob()


class AccessHeadTable(SQLModel, table=True):
    """One row: number and hash of the last forgotten entry (start_…) and of the last entry. Its lock orders writers."""

    __tablename__ = "access_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    start_number: int
    start_hash: bytes = blob()
    number: int
    hash: bytes = blob()


_entries = table_of(AccessLogTable)
_heads = table_of(AccessHeadTable)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain begins (after what was forgotten) and ends."""

    start_number: int
    start_hash: bytes
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was written."""

    number: int
    at: datetime
    staff_tag: bytes
    signal_tag: bytes
    act: str
    reason: str
    hash: bytes

    def content(self) -> Content:
        """The fields that the entry's hash covers."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "staff": self.staff_tag.hex(),
            "signal": self.signal_tag.hex(),
            "act": self.act,
            "reason": self.reason,
        }


async def append(work: UnitOfWork, staff_tag: bytes, signal_tag: bytes, act: str, reason: str) -> None:
    """Write an entry at the end of the chain; others who write wait until this work is done."""
    head = await _locked_head(work)
    entry = Entry(head.number + 1, work.now, staff_tag, signal_tag, act, reason, b"")
    link = linked(head.hash, entry.content())
    await work.run(
        _entries.insert(),
        {
            "number": entry.number,
            "at": entry.at,
            "staff_tag": staff_tag,
            "signal_tag": signal_tag,
            "act": act,
            "reason": reason,
            "hash": link,
        },
    )
    await work.run(update(_heads).values(number=entry.number, hash=link))


async def _locked_head(work: UnitOfWork) -> Head:
    first = work.insert(AccessHeadTable).values(id=1, start_number=0, start_hash=BEGINNING, number=0, hash=BEGINNING)
    await work.run(first.on_conflict_do_nothing())
    return _head((await work.run(select(_heads).with_for_update())).mappings().one())


def _head(row: object) -> Head:
    return Head(**{name: value for name, value in dict(row).items() if name != "id"})  # type: ignore[call-overload]


async def chain_head(work: UnitOfWork) -> Head:
    """Where the chain stands now."""
    row = (await work.run(select(_heads))).mappings().one_or_none()
    return _head(row) if row is not None else Head(0, BEGINNING, 0, BEGINNING)


async def entries_after(work: UnitOfWork, number: int, limit: int) -> list[Entry]:
    """Up to `limit` entries that follow `number`, in their order."""
    statement = select(_entries).where(_entries.c.number > number).order_by(_entries.c.number).limit(limit)
    return [Entry(**row) for row in (await work.run(statement)).mappings()]


async def whole_chain(work: UnitOfWork, page: int = 500) -> AsyncIterator[Entry]:
    """Every entry that is kept, in order, a page at a time."""
    number = 0
    while found := await entries_after(work, number, page):
        for entry in found:
            yield entry
        number = found[-1].number


async def reason_given(work: UnitOfWork, staff_tag: bytes, signal_tag: bytes, since: datetime) -> str | None:
    """The reason that this member of staff gave last for reading this signal, since that moment; or None."""
    statement = (
        select(_entries.c.reason)
        .where(_entries.c.staff_tag == staff_tag, _entries.c.signal_tag == signal_tag)
        .where(_entries.c.at >= since, _entries.c.act == "read")
        .order_by(_entries.c.number.desc())
        .limit(1)
    )
    reason: str | None = (await work.run(statement)).scalar_one_or_none()
    return reason


async def forget_entries_before(work: UnitOfWork, before: datetime) -> int:
    """Forget the entries older than `before`; the rest of the chain still verifies. Returns how many were forgotten."""
    await _locked_head(work)
    last = (await work.run(select(func.max(_entries.c.number)).where(_entries.c.at < before))).scalar_one()
    if last is None:
        return 0
    link = (await work.run(select(_entries.c.hash).where(_entries.c.number == last))).scalar_one()
    await work.run(update(_heads).values(start_number=last, start_hash=link))
    return (await work.run(delete(_entries).where(_entries.c.number <= last))).rowcount
