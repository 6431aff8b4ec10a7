"""Meetings and their RSVPs: a meeting is public and stands in plain text; who an RSVP is from is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, case, delete, func, select, update
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.unit_of_work import UnitOfWork, table_of


class MeetingRow(SQLModel):
    """A meeting as it is kept. details: JSON of theme, about and access (by language), place, address and point.

    sequence counts the moves, for calendars · version counts every change of staff.
    """

    id: str = Field(primary_key=True, max_length=26)
    status: str = Field(max_length=12)
    version: int = 1
    sequence: int = 0
    details: str = Field(sa_type=Text)
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    capacity: int | None = None


class MeetingTable(MeetingRow, table=True):
    """The table of meetings."""

    __tablename__ = "meetings"


class RsvpRow(SQLModel):
    """Somebody who comes, or waits for a place. No moment: `turn` is the order in which they came.

    guest_tag: a pseudonym for this meeting alone · handle: sealed JSON (reach).
    """

    id: str = Field(primary_key=True, max_length=26)
    meeting_id: str = Field(max_length=26)
    record_id: str = Field(max_length=26, unique=True)
    guest_tag: bytes = blob(index=True)
    people: int
    state: str = Field(max_length=8)
    turn: int
    handle: bytes = blob()


class RsvpTable(RsvpRow, table=True):
    """The table of who comes."""

    __tablename__ = "rsvps"
    __table_args__ = (UniqueConstraint("meeting_id", "guest_tag"),)


_meetings = table_of(MeetingTable)
_rsvps = table_of(RsvpTable)


async def add_meeting(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a new meeting."""
    await work.run(_meetings.insert(), values)


async def meeting_by_id(work: UnitOfWork, meeting_id: str, *, lock: bool = False) -> MeetingRow | None:
    """The meeting, or None. `lock`: lock its row until the work ends, for callers that give or take places."""
    query = select(_meetings).where(_meetings.c.id == meeting_id)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return MeetingRow.model_construct(**row) if row else None


async def change_meeting(work: UnitOfWork, meeting_id: str, **values: object) -> None:
    """Change columns and count the version up. The caller holds the lock."""
    values = {**values, "version": _meetings.c.version + 1}
    await work.run(update(_meetings).where(_meetings.c.id == meeting_id).values(**values))


async def drop_meeting(work: UnitOfWork, meeting_id: str) -> None:
    """Forget a meeting that nobody has answered."""
    await work.run(delete(_meetings).where(_meetings.c.id == meeting_id))


async def meetings_until(work: UnitOfWork, status: Collection[str], after: datetime, most: int) -> list[MeetingRow]:
    """Up to `most` meetings in one of these states that end after that moment, soonest first."""
    query = select(_meetings).where(_meetings.c.status.in_(status), _meetings.c.ends_at > after)
    rows = await work.run(query.order_by(_meetings.c.starts_at, _meetings.c.id).limit(most))
    return [MeetingRow.model_construct(**row) for row in rows.mappings()]


async def nearest_meetings(work: UnitOfWork, most: int) -> list[MeetingRow]:
    """Up to `most` meetings: first those that are not over, soonest first; then those that are over, latest first."""
    starts, over = _meetings.c.starts_at, _meetings.c.ends_at <= work.now
    order = (over, case((~over, starts)), starts.desc(), _meetings.c.id)
    rows = await work.run(select(_meetings).order_by(*order).limit(most))
    return [MeetingRow.model_construct(**row) for row in rows.mappings()]


async def end_meetings(work: UnitOfWork, status: str, ended: str) -> None:
    """Set meetings in state `status` whose end has come to `ended`. One statement: staff may be moving one now."""
    passed = (_meetings.c.status == status, _meetings.c.ends_at <= work.now)
    await work.run(update(_meetings).where(*passed).values(status=ended, version=_meetings.c.version + 1))


async def add_rsvp(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Add an RSVP at the end of the line; `turn` is counted here. The caller holds the meeting's lock."""
    last = select(func.coalesce(func.max(_rsvps.c.turn), 0) + 1).where(_rsvps.c.meeting_id == values["meeting_id"])
    await work.run(_rsvps.insert().values(**values, turn=last.scalar_subquery()))


async def rsvp_of(work: UnitOfWork, meeting_id: str, guest_tag: bytes) -> RsvpRow | None:
    """One guest's RSVP to one meeting, or None."""
    query = select(_rsvps).where(_rsvps.c.meeting_id == meeting_id, _rsvps.c.guest_tag == guest_tag)
    row = (await work.run(query)).mappings().one_or_none()
    return RsvpRow.model_construct(**row) if row else None


async def rsvps_of(work: UnitOfWork, meeting_id: str, state: str | None = None) -> list[RsvpRow]:
    """The RSVPs to one meeting in the order in which they came; only those in `state`, where one is given."""
    query = select(_rsvps).where(_rsvps.c.meeting_id == meeting_id).order_by(_rsvps.c.turn)
    if state is not None:
        query = query.where(_rsvps.c.state == state)
    return [RsvpRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def rsvps_by_tags(work: UnitOfWork, tags: Sequence[bytes]) -> list[RsvpRow]:
    """One guest's RSVPs. tags: the guest's pseudonyms, one for each meeting."""
    rows = await work.run(select(_rsvps).where(_rsvps.c.guest_tag.in_(tags)).order_by(_rsvps.c.meeting_id))
    return [RsvpRow.model_construct(**row) for row in rows.mappings()]


async def meetings_with_rsvps(work: UnitOfWork, ended_before: datetime | None = None) -> list[str]:
    """The ids of meetings that have RSVPs; only of those that ended before a moment, where one is given."""
    query = select(_rsvps.c.meeting_id).distinct()
    if ended_before is not None:
        ended = select(_meetings.c.id).where(_meetings.c.ends_at < ended_before)
        query = query.where(_rsvps.c.meeting_id.in_(ended))
    return list((await work.run(query.order_by(_rsvps.c.meeting_id))).scalars())


async def people_by_state(work: UnitOfWork, meeting_ids: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """How many RSVPs there are, and for how many people: (meeting id, state) -> (RSVPs, people)."""
    query = select(
        _rsvps.c.meeting_id, _rsvps.c.state, func.count().label("parties"), func.sum(_rsvps.c.people).label("people")
    ).where(_rsvps.c.meeting_id.in_(meeting_ids))
    rows = await work.run(query.group_by(_rsvps.c.meeting_id, _rsvps.c.state))
    return {(row.meeting_id, row.state): (row.parties, row.people) for row in rows}


async def change_rsvp(work: UnitOfWork, rsvp_id: str, **values: object) -> None:
    """Change columns of an RSVP."""
    await work.run(update(_rsvps).where(_rsvps.c.id == rsvp_id).values(**values))


async def drop_rsvp(work: UnitOfWork, rsvp_id: str) -> None:
    """Remove an RSVP. The record key is destroyed by the caller."""
    await work.run(delete(_rsvps).where(_rsvps.c.id == rsvp_id))
