"""Which updates are done, and those that could not be handled: each update takes effect exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of


class DoneUpdateTable(SQLModel, table=True):
    """The mark that an update was handled or is a dead letter. Ids are remembered, never compared by size.

    door: where it came in, such as telegram; each door has numbers of its own.
    """

    __tablename__ = "done_updates"

    door: str = Field(primary_key=True, max_length=20)
    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    day: date = Field(index=True)


class DeadLetterTable(SQLModel, table=True):
    """An update whose handling failed, sealed under a key of its own, so that it can be looked at and done again."""

    __tablename__ = "dead_letters"

    id: str = Field(primary_key=True, max_length=26)
    chat_tag: bytes = blob(index=True)
    content: bytes = blob()
    wrapped: bytes = blob()
    error: str = Field(max_length=80)
    at: datetime = moment(index=True)


_done = table_of(DoneUpdateTable)
_dead = table_of(DeadLetterTable)

_MARK = Ready(
    lambda insert: (
        insert(_done)
        .values(door=bindparam("door"), update_id=bindparam("update_id"), day=bindparam("day"))
        .on_conflict_do_nothing()
        .returning(_done.c.update_id)
    )
)


async def mark_done(work: UnitOfWork, door: str, update_id: int) -> bool:
    """Mark an update of a door as done. False when it already was: it came a second time."""
    return bool(await work.ask(_MARK, door=door, update_id=update_id, day=work.today))


async def drop_marks_before(work: UnitOfWork, day: date) -> None:
    """Forget marks of updates that Telegram no longer redelivers (24 hours; the caller keeps them longer)."""
    await work.run(delete(_done).where(_done.c.day < day))


async def add_dead_letter(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep an update that could not be handled."""
    await work.run(_dead.insert(), values)


async def dead_letter_count(work: UnitOfWork) -> int:
    """How many updates could not be handled."""
    return int((await work.run(select(func.count()).select_from(_dead))).scalar_one())


async def dead_letters_of(work: UnitOfWork, chat_tag: bytes) -> list[tuple[str, bytes, bytes]]:
    """The updates of one chat that could not be handled, oldest first: (id, wrapped key, content)."""
    query = select(_dead.c.id, _dead.c.wrapped, _dead.c.content).where(_dead.c.chat_tag == chat_tag)
    return [(row.id, row.wrapped, row.content) for row in await work.run(query.order_by(_dead.c.at, _dead.c.id))]


async def drop_dead_letters(work: UnitOfWork, *, before: datetime | None = None, chat_tag: bytes | None = None) -> None:
    """Forget dead letters: the old ones, or those of one chat."""
    if before is not None:
        await work.run(delete(_dead).where(_dead.c.at < before))
    if chat_tag is not None:
        await work.run(delete(_dead).where(_dead.c.chat_tag == chat_tag))
