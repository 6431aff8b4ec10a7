"""Which messages of a conversation stand on a resident's phone, for "delete this from my phone". No content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, select
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob
from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of


class PhoneMessageTable(SQLModel, table=True):
    """A message on a resident's phone that "delete this from my phone" would remove. No content; kept two days.

    Only the day is kept, never the minute: a moment would tell when a report was sent.
    """

    __tablename__ = "phone_messages"

    chat_tag: bytes = blob(primary_key=True)
    message_id: int = Field(primary_key=True, sa_type=BigInteger)
    thread_tag: bytes = blob()
    day: date = Field(index=True)


_phone = table_of(PhoneMessageTable)
_REMEMBER = Ready(
    lambda insert: insert(_phone).values({name: bindparam(name) for name in _phone.c.keys()}).on_conflict_do_nothing()
)


async def remember(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember messages that stand on a phone: chat_tag, message_id, thread_tag, day."""
    await work.ask_each(_REMEMBER, rows)


async def take(work: UnitOfWork, chat_tag: bytes, thread_tag: bytes, since: date) -> list[tuple[int, date]]:
    """The messages of one conversation from `since` on: (message_id, day). All its rows are deleted, older ones too."""
    mine = (_phone.c.chat_tag == chat_tag, _phone.c.thread_tag == thread_tag)
    gone = await work.run(delete(_phone).where(*mine).returning(_phone.c.message_id, _phone.c.day))
    return sorted((row.message_id, row.day) for row in gone if row.day >= since)


async def on_phone(work: UnitOfWork, chat_tag: bytes) -> list[int]:
    """The messages on a phone that could still be deleted."""
    query = select(_phone.c.message_id).where(_phone.c.chat_tag == chat_tag).order_by(_phone.c.message_id)
    return list((await work.run(query)).scalars())


async def drop_for_chat(work: UnitOfWork, chat_tag: bytes) -> None:
    """Forget which messages stand on that phone."""
    await work.run(delete(_phone).where(_phone.c.chat_tag == chat_tag))


async def drop_before(work: UnitOfWork, before: date) -> None:
    """Forget messages that Telegram no longer deletes."""
    await work.run(delete(_phone).where(_phone.c.day < before))
