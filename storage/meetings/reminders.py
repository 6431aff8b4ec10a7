"""Reminders as rows: what is to be said about a meeting, to whom, when, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, UniqueConstraint, and_, delete, func, or_, select, update
from sqlmodel import Field, SQLModel

from storage.engine.columns import moment
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.meetings.attendance import MeetingTable, RsvpTable


class ReminderTable(SQLModel, table=True):
    """One reminder to one guest. When a meeting moves, new rows replace those that were planned for the old time."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("rsvp_id", "rule"),)

    id: str = Field(primary_key=True, max_length=26)
    meeting_id: str = Field(max_length=26, index=True)
    rsvp_id: str = Field(max_length=26)
    rule: str = Field(max_length=12)
    due_at: datetime = moment()
    state: str = Field(max_length=10, index=True)


class DueRow(NamedTuple):
    """A reminder that is due, with all that is needed to send it."""

    id: str
    rule: str
    due_at: datetime
    rsvp_id: str
    record_id: str
    handle: bytes
    meeting_id: str
    details: str
    starts_at: datetime
    ends_at: datetime


# PostgreSQL takes 32,767 values in one statement: a full hall needs several.
_AT_ONCE = 500
_reminders = table_of(ReminderTable)
_meetings, _rsvps = table_of(MeetingTable), table_of(RsvpTable)
_WHOLE = (
    select(
        _reminders.c.id, _reminders.c.rule, _reminders.c.due_at, _reminders.c.rsvp_id, _rsvps.c.record_id,
        _rsvps.c.handle, _meetings.c.id.label("meeting_id"), _meetings.c.details, _meetings.c.starts_at,
        _meetings.c.ends_at,
    )
    .join_from(_reminders, _rsvps, _rsvps.c.id == _reminders.c.rsvp_id)
    .join(_meetings, _meetings.c.id == _reminders.c.meeting_id)
)  # fmt: skip


async def add_reminders(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Plan reminders; where a guest has one for the same rule already, that one stays as it is."""
    for first in range(0, len(rows), _AT_ONCE):
        some = list(rows[first : first + _AT_ONCE])
        await work.run(work.insert(ReminderTable).values(some).on_conflict_do_nothing())


async def due(work: UnitOfWork, most: int) -> list[DueRow]:
    """Due reminders, earliest first, locked until the work ends. Rows that another process has locked are skipped."""
    query = _WHOLE.where(_reminders.c.state == "due", _reminders.c.due_at <= work.now)
    query = query.order_by(_reminders.c.due_at, _reminders.c.id).limit(most)
    rows = await work.run(query.with_for_update(of=_reminders, skip_locked=True))
    return [DueRow._make(row) for row in rows]


async def change_reminders(
    work: UnitOfWork, ids: Collection[str], state: str, *, only: str | None = None, due_at: datetime | None = None
) -> None:
    """Set the state of reminders, and their moment where `due_at` is given. only: change those in this state only."""
    if not ids:
        return
    where: list[ColumnElement[bool]] = [_reminders.c.id.in_(ids)]
    if only is not None:
        where.append(_reminders.c.state == only)
    values: dict[str, Any] = {"state": state} if due_at is None else {"state": state, "due_at": due_at}
    await work.run(update(_reminders).where(*where).values(**values))


async def reminders_of(work: UnitOfWork, rsvp_ids: Sequence[str]) -> list[tuple[str, str, datetime, str]]:
    """The reminders of these guests and what became of them: (rsvp id, rule, moment, state)."""
    query = select(_reminders.c.rsvp_id, _reminders.c.rule, _reminders.c.due_at, _reminders.c.state)
    rows = await work.run(query.where(_reminders.c.rsvp_id.in_(rsvp_ids)).order_by(_reminders.c.due_at))
    return [(row.rsvp_id, row.rule, row.due_at, row.state) for row in rows]


async def drop_reminders(work: UnitOfWork, rsvp_ids: Sequence[str]) -> list[tuple[str, str, datetime, str]]:
    """Forget the reminders of these guests. Returns what they were: (rsvp id, rule, moment, state)."""
    found: list[tuple[str, str, datetime, str]] = []
    for first in range(0, len(rsvp_ids), _AT_ONCE):
        mine = _reminders.c.rsvp_id.in_(rsvp_ids[first : first + _AT_ONCE])
        columns = (_reminders.c.rsvp_id, _reminders.c.rule, _reminders.c.due_at, _reminders.c.state)
        gone = delete(_reminders).where(mine).returning(*columns)
        found += [(row.rsvp_id, row.rule, row.due_at, row.state) for row in await work.run(gone)]
    return found


async def doubt(work: UnitOfWork) -> set[str]:
    """Set due and queued reminders to `uncertain`: nobody knows if they were sent. Returns their guests' rsvp ids."""
    past = and_(_reminders.c.state == "due", _reminders.c.due_at <= work.now)
    doubtful = update(_reminders).where(or_(_reminders.c.state == "queued", past)).values(state="uncertain")
    return set((await work.run(doubtful.returning(_reminders.c.rsvp_id))).scalars())


async def states(work: UnitOfWork, meeting_id: str) -> dict[tuple[str, str], int]:
    """How many reminders of a meeting there are, by (rule, state)."""
    query = select(_reminders.c.rule, _reminders.c.state, func.count().label("times"))
    query = query.where(_reminders.c.meeting_id == meeting_id).group_by(_reminders.c.rule, _reminders.c.state)
    return {(row.rule, row.state): row.times for row in await work.run(query)}
