"""The roll of codes, the ballot box, drafts, and round keys: once destroyed, nothing ties a ballot to its code.

No row here holds a time, a counter or a person beside a code. All primary keys are random tags: SQLite keeps the rows
in their order (`WITHOUT ROWID`), and at the close all three tables are rewritten, so that the place of a row on disk
tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, delete, func, select, text, update
from sqlmodel import Field, SQLModel

from storage.engine.anew import write_anew
from storage.engine.columns import blob
from storage.engine.ready import Ready
from storage.engine.unit_of_work import LOCK_TIMEOUT, UnitOfWork, table_of

SEEN = "seen"
_BY_TAG = {"sqlite_with_rowid": False}
_KEY = "key of round {}"
_BOX = 0x62616C6C6F74  # "ballot": the number of the advisory lock
_PATIENCE = "2s"  # more than `deadlock_timeout`, at which PostgreSQL sends its own vacuum away


class RollRow(SQLModel):
    """A code's place on the roll. channel: how its ballot was cast, None while the code is unused."""

    code_tag: bytes = blob(primary_key=True)
    round_id: str = Field(max_length=26, index=True)
    code_class: str = Field(max_length=12)
    channel: str | None = Field(default=None, max_length=10)
    blocked: bool = False


class RollTable(RollRow, table=True):
    """The table of all codes."""

    __tablename__ = "roll"
    __table_args__ = _BY_TAG


class BallotTable(SQLModel, table=True):
    """A ballot until the close. ballot_tag: its code's tag by a key of the round · content: sealed by another key."""

    __tablename__ = "ballots"
    __table_args__ = _BY_TAG

    ballot_tag: bytes = blob(primary_key=True)
    round_id: str = Field(max_length=26, index=True)
    content: bytes = blob()


class BallotRow(NamedTuple):
    """A ballot of one round as it lies in the box."""

    ballot_tag: bytes
    content: bytes


class DraftRow(SQLModel):
    """What somebody has chosen and not cast. content: sealed under a key of the round, with the code in it.

    reminded: SEEN when the clock has looked at it, then what became of the one reminder.
    """

    draft_tag: bytes = blob(primary_key=True)
    id: str = Field(max_length=26, unique=True)
    round_id: str = Field(max_length=26, index=True)
    content: bytes = blob()
    reminded: str | None = Field(default=None, max_length=10)


class DraftTable(DraftRow, table=True):
    """The table of drafts, one a chat."""

    __tablename__ = "drafts"
    __table_args__ = _BY_TAG


class RoundKeyTable(SQLModel, table=True):
    """The one secret of a round from which its keys are made. Never in a backup; destroyed at the close."""

    __tablename__ = "round_keys"

    round_id: str = Field(primary_key=True, max_length=26)
    wrapped: bytes = blob()


_roll = table_of(RollTable)
_ballots = table_of(BallotTable)
_drafts = table_of(DraftTable)
_keys = table_of(RoundKeyTable)
_IN_BOX = Ready(
    lambda _: (
        select(_ballots.c.ballot_tag, _ballots.c.content)
        .where(_ballots.c.round_id == bindparam("round_id"))
        .order_by(_ballots.c.ballot_tag)
    )
)


async def add_key(work: UnitOfWork, round_id: str, wrapped: bytes) -> None:
    """Keep the wrapped secret of a round."""
    await work.run(_keys.insert(), {"round_id": round_id, "wrapped": wrapped})


async def wrapped_key(work: UnitOfWork, round_id: str) -> bytes | None:
    """The wrapped secret of a round; None once it was destroyed. Read once in a unit of work: it never changes."""
    known: bytes | None = work.known.get(_KEY.format(round_id))
    if known is not None:
        return known
    query = select(_keys.c.wrapped).where(_keys.c.round_id == round_id)
    return key_is_read(work, round_id, (await work.run(query)).scalar_one_or_none())


def key_is_read(work: UnitOfWork, round_id: str, wrapped: bytes | None) -> bytes | None:
    """Remember, until the work ends, the wrapped secret that another query has read. Returns it."""
    if wrapped is not None:
        work.known[_KEY.format(round_id)] = wrapped
    return wrapped


async def destroy_key(work: UnitOfWork, round_id: str) -> None:
    """Destroy the secret of a round: from then on nobody can open its ballots, or tie them to codes."""
    await work.run(delete(_keys).where(_keys.c.round_id == round_id))
    work.known.pop(_KEY.format(round_id), None)
    work.forgot = True


async def add_codes(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put codes on the roll, in the order of their tags."""
    await work.add_many(_roll, sorted(rows, key=lambda row: bytes(row["code_tag"])))


async def on_roll(work: UnitOfWork, code_tag: bytes, *, lock: bool = False) -> RollRow | None:
    """A code's place on the roll, or None. lock: lock the row until the work ends."""
    query = select(_roll).where(_roll.c.code_tag == code_tag)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return RollRow.model_construct(**row) if row else None


async def change_on_roll(work: UnitOfWork, code_tag: bytes, **values: object) -> None:
    """Change columns of a code's place on the roll."""
    await work.run(update(_roll).where(_roll.c.code_tag == code_tag).values(**values))


async def drop_codes(work: UnitOfWork, round_id: str) -> None:
    """Forget the codes of a round: they open nothing any more."""
    await work.run(delete(_roll).where(_roll.c.round_id == round_id))


async def roll_counts(work: UnitOfWork, round_id: str) -> Counter[tuple[str, str | None, bool]]:
    """How many codes of a round there are of each (class, channel, blocked)."""
    by = (_roll.c.code_class, _roll.c.channel, _roll.c.blocked)
    rows = await work.run(select(*by, func.count().label("times")).where(_roll.c.round_id == round_id).group_by(*by))
    return Counter({(row.code_class, row.channel, row.blocked): row.times for row in rows})


async def forget_use(work: UnitOfWork, round_id: str) -> None:
    """Forget which codes of a round were used."""
    used = (_roll.c.round_id == round_id, _roll.c.channel.is_not(None))
    await work.toil(update(_roll).where(*used).values(channel=None))


async def put_ballot(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Put a ballot into the box, in place of the one with the same tag."""
    insert = work.insert(BallotTable).values(**values)
    await work.run(
        insert.on_conflict_do_update(index_elements=[_ballots.c.ballot_tag], set_={"content": insert.excluded.content})
    )


async def ballots_of(work: UnitOfWork, round_id: str) -> list[BallotRow]:
    """The sealed ballots of a round, in the order of their tags."""
    return [BallotRow._make(row) for row in await work.ask(_IN_BOX, round_id=round_id)]


async def put_draft(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a draft in place of this chat's older one; a chat that was reminded of the round is not reminded again."""
    insert = work.insert(DraftTable).values(**values)
    same = insert.excluded.round_id == _drafts.c.round_id
    fresh = {name: insert.excluded[name] for name in ("id", "round_id", "content")}
    fresh["reminded"] = case((same, func.nullif(_drafts.c.reminded, SEEN)))
    await work.run(insert.on_conflict_do_update(index_elements=[_drafts.c.draft_tag], set_=fresh))


async def draft_by_tag(work: UnitOfWork, draft_tag: bytes, *, lock: bool = False) -> DraftRow | None:
    """The draft of a chat, or None. lock: lock the row until the work ends."""
    query = select(_drafts).where(_drafts.c.draft_tag == draft_tag)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return DraftRow.model_construct(**row) if row else None


async def drafts_to_remind(work: UnitOfWork, round_id: str, most: int) -> list[DraftRow]:
    """Drafts of a round that nobody touched since the last look, and of which nobody was reminded; locked."""
    query = select(_drafts).where(_drafts.c.round_id == round_id, _drafts.c.reminded == SEEN)
    rows = await work.run(query.order_by(_drafts.c.draft_tag).limit(most).with_for_update(skip_locked=True))
    return [DraftRow.model_construct(**row) for row in rows.mappings()]


async def look_at_drafts(work: UnitOfWork, round_id: str) -> None:
    """Mark the drafts of a round as SEEN: the owner of one that nobody touches until the next look is reminded."""
    fresh = (_drafts.c.round_id == round_id, _drafts.c.reminded.is_(None))
    await work.run(update(_drafts).where(*fresh).values(reminded=SEEN))


async def change_draft(work: UnitOfWork, draft_tag: bytes, content: bytes) -> None:
    """Replace the content of a draft. It counts as touched, so it is no longer SEEN."""
    touched = {"content": content, "reminded": func.nullif(_drafts.c.reminded, SEEN)}
    await work.run(update(_drafts).where(_drafts.c.draft_tag == draft_tag).values(**touched))


async def note_reminder(work: UnitOfWork, draft_id: str, reminded: str) -> None:
    """Keep what became of a reminder; nothing when the draft is gone."""
    await work.run(update(_drafts).where(_drafts.c.id == draft_id).values(reminded=reminded))


async def drop_draft(work: UnitOfWork, draft_tag: bytes) -> None:
    """Forget the draft of a chat."""
    await work.run(delete(_drafts).where(_drafts.c.draft_tag == draft_tag))


async def hold_box(work: UnitOfWork, *, alone: bool = False) -> None:
    """Lock the ballot box until the work ends: shared by all who vote, or `alone` by the work that closes it.

    Take this lock before any other, so that no two wait for each other: the box, then the rows of rounds, then roll,
    ballots and drafts. On SQLite there is one writer anyway.
    """
    kind = "" if alone else "_shared"
    if not work.is_sqlite and f"box{kind}" not in work.known:
        await work.run(text(f"SELECT pg_advisory_xact_lock{kind}({_BOX})"))
        work.known[f"box{kind}"] = True


async def hold_tables(work: UnitOfWork) -> None:
    """Lock the tables of drafts, roll and ballots until the work ends, before they are rewritten. Raises Held.

    Work that makes, blocks or replaces codes, or drops drafts or reminds of them, does not lock the box: we wait for
    it, or its rows would be lost with the old files. We don't wait for a backup, which reads for minutes: all who vote
    would wait behind us.
    """
    if not work.is_sqlite:
        await work.run(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        await work.run(text("LOCK TABLE drafts, roll, ballots IN ACCESS EXCLUSIVE MODE"))
        await work.run(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))


async def empty_box(work: UnitOfWork, round_id: str) -> None:
    """Delete the drafts and ballots of a round, and which of its codes were used; all three tables are rewritten.

    Afterwards all their rows, those of other rounds too, come from this one transaction and stand in the order of
    random tags; the old rows are gone from the disk: PostgreSQL's TRUNCATE begins new files, SQLite overwrites
    (`secure_delete`). The caller holds the box alone, and the tables.
    """
    unused = case((_roll.c.round_id == round_id, None), else_=_roll.c.channel)
    columns = [unused.label(one.name) if one is _roll.c.channel else one for one in _roll.c]
    for table in (_drafts, _ballots):
        await write_anew(work, table, select(table).where(table.c.round_id != round_id))
    await write_anew(work, _roll, select(*columns))
    work.forgot = True
