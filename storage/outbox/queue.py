"""The outbox: messages that are still to be sent, as sealed envelopes, their leases and what became of them.

An envelope holds recipient and Screen (the content) under a key of its own. A row is deleted once it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import Integer as SqlInteger
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.ready import Ready, ReadyAmong, ready_insert
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.outbox.pace import EVERYTHING, PaceTable

_BIG = BigInteger().with_variant(SqlInteger(), "sqlite")  # SQLite counts up only in an INTEGER primary key


class OutboxTable(SQLModel, table=True):
    """One message to be sent. lane 0: an answer in a conversation; lane 1: a bulk message (invitation, reminder)."""

    __tablename__ = "outbox"

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG)
    chat_tag: bytes = blob(index=True)
    lane: int = 0
    state: str = Field(default="waiting", max_length=10, index=True)
    envelope: bytes = blob()
    wrapped: bytes = blob()
    about_tag: bytes | None = blob(default=None, nullable=True, index=True)
    owner: str | None = Field(default=None, max_length=26)
    lease_until: datetime | None = moment(default=None, nullable=True)
    not_before: datetime | None = moment(default=None, nullable=True)
    attempts: int = 0
    error: str | None = Field(default=None, max_length=60)
    receipt: str | None = Field(default=None, max_length=40)
    ended_on: date | None = None


class Claimed(NamedTuple):
    """A row that this process may send.

    used_until: the moment until which its chat's allowance is used up · all_used_until: that of all chats together.
    """

    id: int
    chat_tag: bytes
    lane: int
    envelope: bytes
    wrapped: bytes
    attempts: int
    receipt: str | None
    used_until: datetime | None
    all_used_until: datetime | None


_outbox = table_of(OutboxTable)
_paces = table_of(PaceTable)
Room = Callable[[datetime | None], int]
# No row waits longer than this for its next try.
LONGEST_WAIT = timedelta(minutes=5)
_UNDER_WAY = ("leased", "sending")
_PUT = ready_insert(_outbox)
_FREE: dict[str, Any] = {"state": "waiting", "owner": None, "lease_until": None}
_LEASE = ReadyAmong(
    lambda _, ids: (
        update(_outbox)
        .where(_outbox.c.id.in_(ids))
        .values(state="leased", owner=bindparam("by"), lease_until=bindparam("until"))
    )
)
_MARK_SENDING = ReadyAmong(
    lambda _, ids: (
        update(_outbox)
        .where(_outbox.c.id.in_(ids), _outbox.c.owner == bindparam("by"), _outbox.c.state == "leased")
        .values(state="sending", lease_until=bindparam("until"))
        .returning(_outbox.c.id)
    )
)
_SAID = ReadyAmong(lambda _, ids: delete(_outbox).where(_outbox.c.id.in_(ids)).returning(_outbox.c.id))
_NEXT_DUE = Ready(
    lambda _: select(func.min(_outbox.c.not_before)).where(
        _outbox.c.state == "waiting", _outbox.c.not_before > bindparam("now")
    )
)
_ANY_WAITING = Ready(lambda _: select(_outbox.c.id).where(_outbox.c.state == "waiting", _not_later()).limit(1))
# Only one process claims at a time. The number of the lock: any, but the same for all processes of one database.
_ONE_AT_A_TIME = Ready(lambda _: select(func.pg_advisory_xact_lock(7_001)))


def _later(rows: FromClause) -> ColumnElement[bool]:
    """Whether a row's `not_before` is still to come; one beyond the horizon was set before the clock was put back.

    binds: now, horizon.
    """
    now, horizon = (bindparam(name, type_=rows.c.not_before.type) for name in ("now", "horizon"))
    return and_(rows.c.not_before > now, rows.c.not_before <= horizon)


def _not_later() -> ColumnElement[bool]:
    """Whether a row has no `not_before`, or it has come. binds: now, horizon."""
    return or_(_outbox.c.not_before.is_(None), ~_later(_outbox))


def _due(_insert: Any) -> Select[Any]:
    """The rows that may be sent now. binds: now, horizon, most."""
    earlier = _outbox.alias()
    # A chat gets its answers in order: one that waits for another try holds up the later ones.
    held = and_(earlier.c.state == "waiting", earlier.c.lane == 0, _later(earlier))
    unsaid = or_(*(earlier.c.state == state for state in _UNDER_WAY), held)
    taken_before = exists(
        select(earlier.c.id).where(earlier.c.chat_tag == _outbox.c.chat_tag, earlier.c.id < _outbox.c.id, unsaid)
    )
    everything = select(_paces.c.used_until).where(_paces.c.chat_tag == EVERYTHING).scalar_subquery()
    return (
        select(*(_outbox.c[name] for name in Claimed._fields[:-2]), _paces.c.used_until, everything)
        .join_from(_outbox, _paces, _paces.c.chat_tag == _outbox.c.chat_tag, isouter=True)
        .where(_outbox.c.state == "waiting", _not_later(), ~taken_before)
        .order_by(_outbox.c.lane, _outbox.c.id)
        .limit(bindparam("most", type_=SqlInteger()))
    )


_DUE = Ready(_due)


async def put(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Put one envelope into the outbox."""
    await work.ask(_PUT, **values)


async def take_over(work: UnitOfWork, now: datetime, *, all_of_them: bool = False) -> list[str]:
    """Free the rows of a dead process: leased rows wait again; a row it was sending may have arrived, or not.

    Of those, an answer in a conversation is sent again, a bulk message becomes `uncertain`. Returns the receipts of the
    uncertain ones. Takes rows whose lease ran out, or with `all_of_them` all rows under way: only where no other
    process can be sending (SQLite at its start).
    """
    mine = _outbox.c.lease_until.is_not(None) if all_of_them else _outbox.c.lease_until < now
    await work.run(update(_outbox).where(_outbox.c.state == "leased", mine).values(**_FREE))
    await work.run(update(_outbox).where(_outbox.c.state == "sending", _outbox.c.lane == 0, mine).values(**_FREE))
    unsure = {**_ended(work, "uncertain"), "error": "TakenOver"}
    lost = update(_outbox).where(_outbox.c.state == "sending", mine).values(**unsure).returning(_outbox.c.receipt)
    return [receipt for receipt in (await work.run(lost)).scalars() if receipt]


async def claim(
    work: UnitOfWork, owner: str, now: datetime, lease: timedelta, most: int, room: Room | None = None
) -> list[Claimed]:
    """Lease up to `most` rows: answers before bulk messages, oldest first. Returns them.

    room: how many bulk rows may be claimed now, given until when the shared allowance is used up; None: no limit.
    One claim at a time over all processes, so that a chat's rows are never taken by two of them in the wrong order.
    """
    if not work.is_sqlite:
        await work.ask(_ONE_AT_A_TIME)
    rows = await work.ask(_DUE, now=now, horizon=now + LONGEST_WAIT, most=most)
    claimed = [Claimed._make(row) for row in rows]
    if room is not None and claimed and claimed[-1].lane:
        answers = sum(not row.lane for row in claimed)
        claimed = claimed[: answers + room(claimed[0].all_used_until)]
    await work.ask_among(_LEASE, [row.id for row in claimed], by=owner, until=now + lease)
    return claimed


async def mark_sending(work: UnitOfWork, ids: Sequence[int], owner: str, until: datetime) -> set[int]:
    """Mark rows as `sending`, if `owner` still leases them. Returns the ids that were marked: only they may be sent."""
    return {row[0] for row in await work.ask_among(_MARK_SENDING, ids, by=owner, until=until)}


async def renew(work: UnitOfWork, owner: str, until: datetime) -> None:
    """Lengthen the leases of all rows that `owner` has leased or is sending."""
    mine = (_outbox.c.owner == owner, _outbox.c.state.in_(_UNDER_WAY))
    await work.run(update(_outbox).where(*mine).values(lease_until=until))


async def give_back(
    work: UnitOfWork,
    ids: Iterable[int],
    not_before: datetime | None,
    *,
    begun: bool,
    failed: bool = False,
    owner: str | None = None,
) -> None:
    """Let rows wait again: they surely did not arrive, or may be sent twice.

    begun: take the rows that are `sending`; otherwise those that are still leased · failed: count one more attempt ·
    owner: only rows that are still this owner's, for another process may have taken one over and be sending it by now.
    """
    values: dict[str, Any] = {**_FREE, "not_before": not_before}
    if failed:
        values["attempts"] = _outbox.c.attempts + 1
    under_way = [_outbox.c.state == ("sending" if begun else "leased")]
    if owner is not None:
        under_way.append(_outbox.c.owner == owner)
    await work.run(update(_outbox).where(_outbox.c.id.in_(list(ids)), *under_way).values(**values))


async def free_unknown(work: UnitOfWork, owner: str, known: Iterable[int]) -> None:
    """Let all rows that `owner` holds wait again, except those in `known`."""
    lost = (_outbox.c.owner == owner, _outbox.c.state.in_(_UNDER_WAY), _outbox.c.id.not_in(list(known)))
    await work.run(update(_outbox).where(*lost).values(**_FREE))


async def end(work: UnitOfWork, ids: Iterable[int], state: str, error: str) -> None:
    """End rows that can't be sent, with the kind of error; their content is deleted at once."""
    values = {**_ended(work, state), "error": error[:60]}
    await work.run(update(_outbox).where(_outbox.c.id.in_(list(ids))).values(**values))


def _ended(work: UnitOfWork, state: str) -> dict[str, Any]:
    """The columns of a row that is over: no content, and nothing that ties the chat to what it was about."""
    gone: dict[str, Any] = {"envelope": b"", "wrapped": b"", "about_tag": None, "owner": None, "lease_until": None}
    return {**gone, "state": state, "ended_on": work.today}


async def said(work: UnitOfWork, ids: Collection[int]) -> set[int]:
    """Delete rows that were sent. Returns the ids that were still there: their chat may have been erased meanwhile."""
    return {row[0] for row in await work.ask_among(_SAID, ids)}


async def is_any_waiting(work: UnitOfWork, now: datetime) -> bool:
    """Whether any row that waits may be sent by its `not_before`."""
    return bool(await work.ask(_ANY_WAITING, now=now, horizon=now + LONGEST_WAIT))


async def next_due(work: UnitOfWork, now: datetime) -> datetime | None:
    """The earliest `not_before` after `now` of a row that waits; None when there is none."""
    found: datetime | None = (await work.ask(_NEXT_DUE, now=now))[0][0]
    return found


async def unsaid_to(work: UnitOfWork, chat_tag: bytes) -> list[tuple[int, str, bytes, bytes]]:
    """All rows of a chat, oldest first: (id, state, envelope, wrapped key). Rows that ended have empty envelopes."""
    columns = (_outbox.c.id, _outbox.c.state, _outbox.c.envelope, _outbox.c.wrapped)
    rows = await work.run(select(*columns).where(_outbox.c.chat_tag == chat_tag).order_by(_outbox.c.id))
    return [(row.id, row.state, row.envelope, row.wrapped) for row in rows]


async def drop(work: UnitOfWork, ids: Collection[int]) -> None:
    """Delete rows that are not to be sent any more."""
    await work.run(delete(_outbox).where(_outbox.c.id.in_(list(ids))))


async def drop_for_chat(work: UnitOfWork, chat_tag: bytes) -> None:
    """Delete all rows of a chat."""
    await work.run(delete(_outbox).where(_outbox.c.chat_tag == chat_tag))


async def drop_about(work: UnitOfWork, about_tag: bytes) -> None:
    """Delete all rows about one thing: a signal whose line to its reporter was cut, or something that was erased."""
    await work.run(delete(_outbox).where(_outbox.c.about_tag == about_tag))


async def withdraw(work: UnitOfWork, about_tag: bytes) -> list[str]:
    """Delete the rows about one thing, except those that are being sent at this moment. Returns their receipts."""
    not_begun = (_outbox.c.about_tag == about_tag, _outbox.c.state.in_(("waiting", "leased")))
    return list((await work.run(delete(_outbox).where(*not_begun).returning(_outbox.c.receipt))).scalars())


async def many_under_way(work: UnitOfWork) -> int:
    """How many bulk messages stand in the outbox and have not ended."""
    under_way = (_outbox.c.lane == 1, _outbox.c.state.in_(("waiting", *_UNDER_WAY)))
    found: int = (await work.run(select(func.count()).where(*under_way))).scalar_one()
    return found


async def drop_ended(work: UnitOfWork, before: date) -> None:
    """Forget rows that ended before a day."""
    await work.run(delete(_outbox).where(_outbox.c.ended_on < before))


async def counts(work: UnitOfWork) -> dict[str, int]:
    """How many rows are in which state."""
    rows = await work.run(select(_outbox.c.state, func.count().label("times")).group_by(_outbox.c.state))
    return {row.state: row.times for row in rows}


async def oldest_answer(work: UnitOfWork) -> int | None:
    """The lowest id of an answer (lane 0) that has not ended; None when there is none."""
    unsaid = (_outbox.c.lane == 0, _outbox.c.state.in_(("waiting", *_UNDER_WAY)))
    found: int | None = (await work.run(select(func.min(_outbox.c.id)).where(*unsaid))).scalar_one()
    return found
