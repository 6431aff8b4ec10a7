"""Residents as pseudonyms: their language, their sealed chat, and the conversation they are in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Index, bindparam, delete, func, select, text, update
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.ready import Ready, ReadyAmong
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.engine.vault import RecordKeyTable

_READERS = text("reachable AND warned AND news IS NOT NULL")


class PersonTable(SQLModel, table=True):
    """Somebody who writes to the bot. The tag is a pseudonym for this table alone."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_readers", "tag", postgresql_where=_READERS, sqlite_where=_READERS),)

    tag: bytes = blob(primary_key=True)
    record_id: str = Field(unique=True, max_length=26)
    contact: bytes = blob(description="sealed JSON: reach")
    language: str = Field(max_length=8)
    language_chosen: bool = False
    warned: bool = False
    reachable: bool = True
    since: date
    news: bytes | None = blob(default=None, nullable=True, description="sealed JSON: what they want to hear of")


class ConversationTable(SQLModel, table=True):
    """The conversation a resident is in: sealed under the resident's record key."""

    __tablename__ = "conversations"

    person_tag: bytes = blob(primary_key=True)
    state: bytes = blob()
    touched_at: datetime = moment(index=True)


class PersonRow(NamedTuple):
    """A resident as one query brings it: with the wrapped record key and the sealed conversation, if any."""

    tag: bytes
    record_id: str
    contact: bytes
    language: str
    language_chosen: bool
    warned: bool
    reachable: bool
    since: date
    news: bytes | None
    wrapped: bytes
    state: bytes | None
    touched_at: datetime | None


_people = table_of(PersonTable)
_conversations = table_of(ConversationTable)
_keys = table_of(RecordKeyTable)

_TAG: BindParameter[bytes] = bindparam("tag")
_LOCK = Ready(lambda _: select(_people.c.tag).where(_people.c.tag == _TAG).with_for_update())
_ALL = (
    select(*_people.c, _keys.c.wrapped, _conversations.c.state, _conversations.c.touched_at)
    .join(_keys, _keys.c.record_id == _people.c.record_id)
    .outerjoin(_conversations, _conversations.c.person_tag == _people.c.tag)
)
_WHOLE = Ready(lambda _: _ALL.where(_people.c.tag == _TAG))
_WANTED = (_people.c.reachable, _people.c.warned, _people.c.news.is_not(None))
_LANGUAGES = ReadyAmong(lambda _, tags: select(_people.c.tag, _people.c.language).where(_people.c.tag.in_(tags)))


def _state_kept(insert: Any) -> Any:
    row = insert(_conversations).values(person_tag=_TAG, state=bindparam("state"), touched_at=bindparam("touched_at"))
    fresh = {"state": row.excluded.state, "touched_at": row.excluded.touched_at}
    return row.on_conflict_do_update(index_elements=[_conversations.c.person_tag], set_=fresh)


_KEEP_STATE = Ready(_state_kept)


async def person_by_tag(work: UnitOfWork, tag: bytes, *, lock: bool = True) -> PersonRow | None:
    """The resident with this tag, or None. Locked until the work ends: two updates of one person never run at once."""
    if lock and not work.is_sqlite:
        # First lock, then read: a locking query that has to wait returns joined rows as they were before the wait.
        await work.ask(_LOCK, tag=tag)
    rows = await work.ask(_WHOLE, tag=tag)
    return PersonRow._make(rows[0]) if rows else None


async def add_person(work: UnitOfWork, values: Mapping[str, Any]) -> bool:
    """Add a resident. False when another process was first."""
    insert = work.insert(PersonTable).values(**values).on_conflict_do_nothing(index_elements=[_people.c.tag])
    return (await work.run(insert)).rowcount == 1


async def change_person(work: UnitOfWork, tag: bytes, **values: object) -> None:
    """Change columns of one resident."""
    await work.run(update(_people).where(_people.c.tag == tag).values(**values))


async def languages_of(work: UnitOfWork, tags: list[bytes]) -> dict[bytes, str]:
    """The language of each resident that is still known."""
    return {row[0]: row[1] for row in await work.ask_among(_LANGUAGES, tags)}


async def who_want_news(work: UnitOfWork, first: bytes, end: bytes | None) -> list[PersonRow]:
    """Residents who can be reached and want news, whose tags lie from `first` up to `end` (None: all that follow)."""
    within = (_people.c.tag >= first,) if end is None else (_people.c.tag >= first, _people.c.tag < end)
    return [PersonRow._make(row) for row in await work.run(_ALL.where(*within, *_WANTED))]


async def how_many_want_news(work: UnitOfWork, most: int | None = None) -> int:
    """How many residents can be reached and want news; `most` where there are more."""
    wanted = select(_people.c.tag).where(*_WANTED).limit(most).subquery()
    return int((await work.run(select(func.count()).select_from(wanted))).scalar_one())


async def news_of(work: UnitOfWork, tags: list[bytes]) -> dict[bytes, tuple[bool, bool]]:
    """For each known resident, by tag: (whether they can be reached, whether they want news)."""
    query = select(_people.c.tag, _people.c.reachable, _people.c.news.is_not(None).label("wants"))
    return {row.tag: (row.reachable, row.wants) for row in await work.run(query.where(_people.c.tag.in_(tags)))}


async def is_unreachable(work: UnitOfWork, tag: bytes) -> bool:
    """Whether this resident is known and must not be written to."""
    query = select(_people.c.tag).where(_people.c.tag == tag, _people.c.reachable.is_(False))
    return (await work.run(query)).first() is not None


async def keep_state(work: UnitOfWork, tag: bytes, state: bytes) -> None:
    """Keep the sealed state of a conversation, in place of the one before."""
    await work.ask_later(_KEEP_STATE, tag=tag, state=state, touched_at=work.now)


async def drop_state(work: UnitOfWork, tag: bytes) -> None:
    """Forget the conversation of one resident."""
    await work.run(delete(_conversations).where(_conversations.c.person_tag == tag))


async def drop_states_before(work: UnitOfWork, moment: datetime) -> None:
    """Forget conversations that nobody touched since `moment`."""
    await work.run(delete(_conversations).where(_conversations.c.touched_at < moment))


async def drop_person(work: UnitOfWork, tag: bytes) -> None:
    """Remove a resident's row and conversation. The record key is destroyed by the caller."""
    await drop_state(work, tag)
    await work.run(delete(_people).where(_people.c.tag == tag))
