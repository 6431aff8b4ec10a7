"""Invitations to many (broadcasts): what is sent and to whom, one row a recipient with a sealed handle of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, delete, func, or_, select, text, update
from sqlmodel import Field, SQLModel

from storage.engine.columns import WITHOUT_ROWID, blob, moment
from storage.engine.unit_of_work import UnitOfWork, table_of


class BroadcastRow(SQLModel):
    """A broadcast as it is kept. Its text, written for everybody, is no secret: it is not sealed.

    texts: JSON, language -> words · buurten, languages: joined by blanks, "" = all · asked_tag: who sent it off ·
    approved: a second person has approved it ·
    slices, filled: its audience is added one slice of the residents after the other (domain/broadcasts/slices.py): how
    many slices there are, and how many are added · most: how many readers it could have when it was sent ·
    tally: JSON, state -> count or null for a small group, once the recipients are forgotten.
    """

    id: str = Field(primary_key=True, max_length=26)
    version: int = 1
    state: str = Field(max_length=10, index=True)
    texts: str
    missing: str | None = Field(default=None, max_length=10)
    go: str = Field(default="", max_length=20)
    value: str = Field(default="", max_length=40)
    buurten: str = ""
    languages: str = Field(default="", max_length=60)
    made_on: date
    asked_tag: bytes | None = blob(default=None, nullable=True)
    test_hash: bytes | None = blob(default=None, nullable=True, unique=True)
    test_until: datetime | None = moment(default=None, nullable=True)
    tested: bool = False
    approved: bool = False
    started_at: datetime | None = moment(default=None, nullable=True)
    ended_at: datetime | None = moment(default=None, nullable=True)
    slices: int = 1
    filled: int = 1
    most: int = 0
    tally: str | None = None


class BroadcastTable(BroadcastRow, table=True):
    """The table of broadcasts."""

    __tablename__ = "broadcasts"


class RecipientTable(SQLModel, table=True):
    """A recipient of a broadcast. recipient_tag: a pseudonym for this broadcast alone · handle: who it is, sealed."""

    __tablename__ = "broadcast_recipients"
    # Without rowids: the order in which rows came would tell which slice of the residents they are from.
    __table_args__ = (Index("ix_broadcast_recipients_turn", "broadcast_id", "state", "id"), WITHOUT_ROWID)

    id: str = Field(primary_key=True, max_length=26)
    broadcast_id: str = Field(max_length=26)
    recipient_tag: bytes = blob(unique=True)
    language: str = Field(max_length=8)
    state: str = Field(max_length=10)
    handle: bytes = blob()
    wrapped: bytes = blob()


class WaitingRecipient(NamedTuple):
    """A recipient whose turn has come."""

    id: str
    handle: bytes
    wrapped: bytes


_broadcasts = table_of(BroadcastTable)
_recipients = table_of(RecipientTable)
_EXPANDING = 7_002  # any number, the same for all processes of one database
_GONE: dict[str, Any] = {"handle": b"", "wrapped": b""}


async def add(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Add a broadcast."""
    await work.run(_broadcasts.insert(), values)


async def by_id(work: UnitOfWork, broadcast_id: str, *, lock: bool = False) -> BroadcastRow | None:
    """The broadcast; with `lock` nobody else changes or feeds it until the work ends."""
    return await _one(work, _broadcasts.c.id == broadcast_id, lock=lock)


async def of_recipient(work: UnitOfWork, recipient_id: str) -> BroadcastRow | None:
    """The broadcast of a recipient, or None. Its row is locked: we wait for whoever halts it now, and they for us."""
    mine = select(_recipients.c.broadcast_id).where(_recipients.c.id == recipient_id).scalar_subquery()
    return await _one(work, _broadcasts.c.id == mine, lock=True)


async def by_test(work: UnitOfWork, test_hash: bytes) -> BroadcastRow | None:
    """The broadcast whose test has this hash of a one-time token, locked until the work ends; or None."""
    return await _one(work, _broadcasts.c.test_hash == test_hash, lock=True)


async def _one(work: UnitOfWork, condition: Any, *, lock: bool) -> BroadcastRow | None:
    query = select(_broadcasts).where(condition)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return BroadcastRow.model_construct(**row) if row else None


async def newest(work: UnitOfWork, most: int) -> list[BroadcastRow]:
    """Up to `most` broadcasts, the newest first."""
    query = select(_broadcasts).order_by(_broadcasts.c.made_on.desc(), _broadcasts.c.id).limit(most)
    return [BroadcastRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def in_states(work: UnitOfWork, states: Iterable[str]) -> list[str]:
    """The ids of broadcasts in these states, in the order in which they started."""
    query = select(_broadcasts.c.id).where(_broadcasts.c.state.in_(list(states))).order_by(_broadcasts.c.started_at)
    return list((await work.run(query)).scalars())


async def make_audience_alone(work: UnitOfWork) -> None:
    """Let no other process add to an audience until the work ends: two would not see whom the other adds this week."""
    if not work.is_sqlite:
        await work.run(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _EXPANDING})


async def not_whole(work: UnitOfWork) -> list[str]:
    """The ids of broadcasts that are being sent and whose audience is not yet complete."""
    under_way = (_broadcasts.c.state == "sending", _broadcasts.c.filled < _broadcasts.c.slices)
    return list((await work.run(select(_broadcasts.c.id).where(*under_way))).scalars())


async def under_way_since(work: UnitOfWork, since: datetime) -> list[str]:
    """The ids of broadcasts of which something may have been sent after `since`: those that had not ended then."""
    since_then = or_(_broadcasts.c.ended_at.is_(None), _broadcasts.c.ended_at > since)
    query = select(_broadcasts.c.id).where(_broadcasts.c.started_at.is_not(None), since_then)
    return list((await work.run(query)).scalars())


async def not_approved(work: UnitOfWork, ids: Sequence[str]) -> list[BroadcastRow]:
    """Those of these broadcasts that no second person has approved."""
    query = select(_broadcasts).where(_broadcasts.c.id.in_(ids), _broadcasts.c.approved.is_(False))
    return [BroadcastRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def drop(work: UnitOfWork, broadcast_id: str) -> None:
    """Forget a broadcast with its texts."""
    await work.run(delete(_broadcasts).where(_broadcasts.c.id == broadcast_id))


async def let_audiences_be_made(work: UnitOfWork) -> None:
    """Let nobody add to an audience until the work ends, so that a person who is being erased is not added.

    Waits for an audience that is being made now. Several works can hold this at once.
    """
    if not work.is_sqlite:
        await work.run(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _EXPANDING})


async def started_before(work: UnitOfWork, before: datetime) -> list[BroadcastRow]:
    """The broadcasts that started before a moment and still have recipients."""
    query = select(_broadcasts).where(_broadcasts.c.started_at < before, _broadcasts.c.tally.is_(None))
    return [BroadcastRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def all_ids(work: UnitOfWork) -> list[str]:
    """The ids of all broadcasts that have or may have recipients."""
    has_some = (_broadcasts.c.started_at.is_not(None), _broadcasts.c.tally.is_(None))
    return list((await work.run(select(_broadcasts.c.id).where(*has_some))).scalars())


async def change(work: UnitOfWork, broadcast_id: str, **values: Any) -> None:
    """Change columns of a broadcast; its version counts up."""
    changed = update(_broadcasts).where(_broadcasts.c.id == broadcast_id)
    await work.run(changed.values(version=_broadcasts.c.version + 1, **values))


async def note_filled(work: UnitOfWork, broadcast_id: str, filled: int) -> None:
    """Note how many slices of the audience are added. The version stays: the broadcast itself does not change."""
    await work.run(update(_broadcasts).where(_broadcasts.c.id == broadcast_id).values(filled=filled))


async def note_test(work: UnitOfWork, broadcast_id: str, **values: Any) -> None:
    """Change columns of the broadcast's test. The version stays: the broadcast itself does not change."""
    await work.run(update(_broadcasts).where(_broadcasts.c.id == broadcast_id).values(**values))


# Recipients


async def add_recipients(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add recipients; one who is there already stays unchanged."""
    if rows:
        await work.run(work.insert(RecipientTable).on_conflict_do_nothing(index_elements=["recipient_tag"]), rows)


async def next_waiting(work: UnitOfWork, broadcast_id: str, most: int) -> list[WaitingRecipient]:
    """Up to `most` recipients who wait, in the order of their random ids, which tells nothing."""
    mine = (_recipients.c.broadcast_id == broadcast_id, _recipients.c.state == "waiting")
    query = select(*(_recipients.c[name] for name in WaitingRecipient._fields)).where(*mine)
    return [WaitingRecipient._make(row) for row in await work.run(query.order_by(_recipients.c.id).limit(most))]


async def put_on_the_way(work: UnitOfWork, ids: Sequence[str]) -> None:
    """Set recipients to `sending`: their messages stand in the outbox now."""
    await work.run(update(_recipients).where(_recipients.c.id.in_(ids)).values(state="sending"))


async def back_to_waiting(work: UnitOfWork, ids: Sequence[str]) -> None:
    """Set recipients that are `sending` back to `waiting`: their messages were taken out of the outbox."""
    mine = (_recipients.c.id.in_(ids), _recipients.c.state == "sending")
    await work.run(update(_recipients).where(*mine).values(state="waiting"))


async def settle(work: UnitOfWork, ids: Sequence[str], state: str) -> None:
    """Keep what became of these recipients, and forget who they were."""
    await work.run(update(_recipients).where(_recipients.c.id.in_(ids)).values(state=state, **_GONE))


async def settle_waiting(work: UnitOfWork, broadcast_id: str, state: str) -> None:
    """Give recipients who still wait a final state, and forget who they were: they get no message."""
    waiting = (_recipients.c.broadcast_id == broadcast_id, _recipients.c.state == "waiting")
    await work.run(update(_recipients).where(*waiting).values(state=state, **_GONE))


async def settle_under_way(work: UnitOfWork, broadcast_id: str, state: str) -> None:
    """Give recipients whose messages stood in the outbox a final state, and forget who they were."""
    under_way = (_recipients.c.broadcast_id == broadcast_id, _recipients.c.state == "sending")
    await work.run(update(_recipients).where(*under_way).values(state=state, **_GONE))


async def tallied(work: UnitOfWork, broadcast_id: str) -> dict[tuple[str, str], int]:
    """How many recipients there are by (language, state)."""
    columns = (_recipients.c.language, _recipients.c.state)
    query = select(*columns, func.count().label("times")).where(_recipients.c.broadcast_id == broadcast_id)
    return {(row.language, row.state): row.times for row in await work.run(query.group_by(*columns))}


async def tags_among(work: UnitOfWork, tags: Sequence[bytes], states: Iterable[str]) -> set[bytes]:
    """Those of these pseudonyms that belong to recipients in these states."""
    mine = (_recipients.c.recipient_tag.in_(tags), _recipients.c.state.in_(list(states)))
    return set((await work.run(select(_recipients.c.recipient_tag).where(*mine))).scalars())


async def of_person(work: UnitOfWork, tags: Sequence[bytes]) -> list[dict[str, Any]]:
    """The rows of one person, who has a tag in each broadcast: dicts of language, state, handle and started_at."""
    query = (
        select(_recipients.c.language, _recipients.c.state, _recipients.c.handle, _broadcasts.c.started_at)
        .join(_broadcasts, _broadcasts.c.id == _recipients.c.broadcast_id)
        .where(_recipients.c.recipient_tag.in_(tags))
        .order_by(_broadcasts.c.started_at)
    )
    return [dict(row) for row in (await work.run(query)).mappings()]


async def drop_person(work: UnitOfWork, tags: Sequence[bytes]) -> None:
    """Forget one person, who has a tag in each broadcast."""
    await work.run(delete(_recipients).where(_recipients.c.recipient_tag.in_(tags)))


async def drop_recipient(work: UnitOfWork, recipient_id: str) -> None:
    """Forget one recipient."""
    await work.run(delete(_recipients).where(_recipients.c.id == recipient_id))


async def drop_recipients(work: UnitOfWork, broadcast_id: str) -> None:
    """Forget all recipients of a broadcast."""
    await work.run(delete(_recipients).where(_recipients.c.broadcast_id == broadcast_id))
