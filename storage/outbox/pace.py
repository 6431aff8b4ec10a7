"""How fast all processes together may send: a halt that Telegram asked for, and how far allowances are used up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, or_, select
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.ready import Ready, ReadyAmong
from storage.engine.unit_of_work import UnitOfWork, table_of


class HaltTable(SQLModel, table=True):
    """A pause that Telegram asked for at `since`. It holds over a restart and for all processes."""

    __tablename__ = "halts"

    name: str = Field(primary_key=True, max_length=20)
    since: datetime = moment()
    until: datetime = moment()


class PaceTable(SQLModel, table=True):
    """Until when a chat's allowance is used up (generic cell rate algorithm): one row a chat, dropped afterwards."""

    __tablename__ = "paces"

    chat_tag: bytes = blob(primary_key=True)
    used_until: datetime = moment(index=True)


# The tag of the row for all chats together, beside the rows of single chats.
EVERYTHING = b"everything"
TELEGRAM = "telegram"
# A halt whose `since` is further ahead of now than this was asked for before the clock was put back. A little ahead is
# normal: another process may have written it while this one's work was open.
AHEAD = timedelta(seconds=10)
_halts = table_of(HaltTable)
_paces = table_of(PaceTable)
_HALTED = Ready(
    lambda _: select(_halts.c.until).where(_halts.c.name == TELEGRAM, _halts.c.since <= bindparam("latest"))
)
_PACES = ReadyAmong(lambda _, tags: select(_paces.c.chat_tag, _paces.c.used_until).where(_paces.c.chat_tag.in_(tags)))


def _used_until(insert: Any) -> Any:
    row = insert(_paces).values(chat_tag=bindparam("chat_tag"), used_until=bindparam("used_until"))
    return row.on_conflict_do_update(index_elements=[_paces.c.chat_tag], set_={"used_until": row.excluded.used_until})


_KEEP = Ready(_used_until)


async def halted_until(work: UnitOfWork, now: datetime) -> datetime | None:
    """The end of the latest halt, which may be past: nothing may be sent before it. None without a halt."""
    rows = await work.ask(_HALTED, latest=now + AHEAD)
    return rows[0][0] if rows else None


async def halt(work: UnitOfWork, now: datetime, until: datetime) -> None:
    """Send nothing before `until`; a halt that ends later is kept as it is."""
    asked = {"since": now, "until": until}
    shorter = or_(_halts.c.until < until, _halts.c.since > now + AHEAD)
    insert = work.insert(HaltTable).values(name=TELEGRAM, **asked)
    await work.run(insert.on_conflict_do_update(index_elements=[_halts.c.name], set_=asked, where=shorter))


async def paces(work: UnitOfWork, tags: Collection[bytes]) -> dict[bytes, datetime]:
    """Until when each chat's allowance is used up, by tag; a chat without a row is left out."""
    return {row[0]: row[1] for row in await work.ask_among(_PACES, tags)}


async def keep_paces(work: UnitOfWork, used: Mapping[bytes, datetime]) -> None:
    """Keep until when each chat's allowance is used up, by tag."""
    await work.ask_each(_KEEP, [{"chat_tag": tag, "used_until": until} for tag, until in used.items()])


async def drop_before(work: UnitOfWork, before: datetime) -> None:
    """Forget allowances that were used up only until before that moment."""
    await work.run(delete(_paces).where(_paces.c.used_until < before))
