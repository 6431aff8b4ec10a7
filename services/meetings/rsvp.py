"""What residents can do with meetings: look, say that they come and with how many, change it, stay away.

Places are given under the meeting's lock, strictly in the order of the line: never more people than there is room
for. Guests are pseudonyms of one meeting; how they can be told is sealed under a record key of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.meetings.planning import MOST_PEOPLE, MeetingStatus, Mine, Seat, Shown, details_of, fits, let_in
from domain.meetings.reminders import ReminderRule, reminders_of
from domain.reach import Reach, seal_reach
from domain.sealing import KeyRing, Place, new_id
from services.meetings import reminder_plans
from services.work import Work
from storage.engine import vault
from storage.meetings import attendance, reminders
from storage.meetings.attendance import MeetingRow, RsvpRow

_SHOWN = 40  # as many as a list of residents may hold


@dataclass(frozen=True, slots=True)
class RsvpAnswer:
    """What came of signing up: a place, or one in the line. kept: no room for more, so the number stays as it was."""

    mine: Mine
    kept: bool = False


@dataclass(frozen=True, slots=True)
class NoRoom:
    """More people than the meeting ever has room for; nothing has changed. most: how many it has room for."""

    most: int


def guest_tag(keys: KeyRing, meeting_id: str, reach: Reach) -> bytes:
    """A guest's pseudonym: another one for each meeting."""
    return keys.tag(f"meetings:{meeting_id}", reach.plain)


async def agenda(work: Work) -> list[Shown]:
    """The next 40 meetings, soonest first; cancelled meetings stay on the list until their end."""
    rows = await attendance.meetings_until(work, (MeetingStatus.PUBLISHED, MeetingStatus.CANCELLED), work.now, _SHOWN)
    return [_shown(work, row) for row in rows]


async def look(work: Work, reach: Reach, meeting_id: str) -> Shown | None:
    """One meeting; None when it is unknown or not yet published: both alike."""
    row = await attendance.meeting_by_id(work, meeting_id)
    if row is None or row.status == MeetingStatus.DRAFT:
        return None
    mine = await attendance.rsvp_of(work, row.id, guest_tag(work.keys, row.id, reach))
    line = await _line(work, row)
    left = None if row.capacity is None else max(0, row.capacity - await _taken(work, row.id))
    return _shown(work, row, left, 0 if line and left else left, _mine(mine, line) if mine else None)


async def is_open(work: Work, meeting_id: str) -> bool:
    """Whether residents can sign up for a meeting."""
    row = await attendance.meeting_by_id(work, meeting_id)
    return row is not None and _open(work, row)


async def come(work: Work, reach: Reach, meeting_id: str, people: int) -> RsvpAnswer | NoRoom | None:
    """Sign up with so many people (1-6, the resident among them), or change how many.

    None when the meeting is unknown, cancelled or over, or the number is not 1-6. A guest who is refused more people
    keeps their number. NoRoom for a resident without a place: there is no waiting for room that never comes.
    """
    meeting = await attendance.meeting_by_id(work, meeting_id, lock=True)
    if meeting is None or not _open(work, meeting) or not 1 <= people <= MOST_PEOPLE:
        return None
    tag = guest_tag(work.keys, meeting_id, reach)
    mine = await attendance.rsvp_of(work, meeting_id, tag)
    kept = False
    if meeting.capacity is not None and people > meeting.capacity and (mine is None or mine.state == Seat.WAITING):
        return NoRoom(meeting.capacity)
    if mine is None:
        mine = await _add(work, reach, meeting, tag, people)
    elif mine.state == Seat.COMING and people > mine.people:
        line = await _line(work, meeting)
        kept = bool(line) or not fits(meeting.capacity, await _taken(work, meeting_id) - mine.people, people)
    if not kept:
        await attendance.change_rsvp(work, mine.id, people=people)
        await fill(work, meeting, besides=mine.id)
    mine = await attendance.rsvp_of(work, meeting_id, tag) or mine
    return RsvpAnswer(_mine(mine, await _line(work, meeting)), kept)


async def stay_away(work: Work, reach: Reach, meeting_id: str) -> bool:
    """Sign off; nothing of the sign-up is kept, and the place goes to the line. False: was not signed up."""
    meeting = await attendance.meeting_by_id(work, meeting_id, lock=True)
    if meeting is None:
        return False
    mine = await attendance.rsvp_of(work, meeting_id, guest_tag(work.keys, meeting_id, reach))
    if mine is not None:
        await leave(work, meeting, mine, "person")
    return mine is not None


async def leave(work: Work, meeting: MeetingRow, guest: RsvpRow, reason: str) -> None:
    """Take a guest off the list, with record key, rows and reminders; the next in line moves up.

    The caller holds the meeting's lock.
    """
    await reminder_plans.forget(work, [guest])
    await vault.destroy_record(work, guest.record_id, reason)
    await attendance.drop_rsvp(work, guest.id)
    await fill(work, meeting)


async def fill(work: Work, meeting: MeetingRow, besides: str = "") -> None:
    """Give free places to the head of the line and tell these guests, but not `besides` (an rsvp id), who sees it.

    The caller holds the meeting's lock.
    """
    line = await attendance.rsvps_of(work, meeting.id, Seat.WAITING)
    if not line or not _open(work, meeting):
        return
    for number in let_in(meeting.capacity, await _taken(work, meeting.id), [one.people for one in line]):
        one = line[number]
        await attendance.change_rsvp(work, one.id, state=Seat.COMING)
        one.state = Seat.COMING
        await reminder_plans.plan(work, meeting, [one], None if one.id == besides else ReminderRule.PLACE)


async def erase_all(work: Work, reach: Reach) -> None:
    """Take a resident off every list."""
    for mine in await _all_of(work, reach):
        meeting = await attendance.meeting_by_id(work, mine.meeting_id, lock=True)
        if meeting is not None:
            await leave(work, meeting, mine, "person")


async def my_meetings(work: Work, reach: Reach) -> list[dict[str, Any]]:
    """All that is kept about a resident and meetings, in plain words and JSON-able."""
    found = []
    for mine in await _all_of(work, reach):
        meeting = await attendance.meeting_by_id(work, mine.meeting_id)
        told = await reminders.reminders_of(work, [mine.id])
        found.append(
            {
                "theme": dict(details_of(meeting.details).theme) if meeting else {},
                "starts_at": meeting.starts_at.isoformat() if meeting else None,
                "people": mine.people,
                "state": mine.state,
                "turn": mine.turn,
                "can_be_told": bool(mine.handle),
                "messages": [{"why": rule, "at": at.isoformat(), "state": state} for _, rule, at, state in told],
            }
        )
    return found


async def coming_to(work: Work, reach: Reach) -> list[Shown]:
    """The meetings still to come at which a resident has a place or waits for one."""
    found = [await attendance.meeting_by_id(work, mine.meeting_id) for mine in await _all_of(work, reach)]
    return [_shown(work, row) for row in found if row is not None and _open(work, row)]


async def is_on_a_list(work: Work, reach: Reach) -> bool:
    """Whether a resident has a place or waits for one at a meeting that is still to come."""
    return any([await is_open(work, mine.meeting_id) for mine in await _all_of(work, reach)])


def handle_place(rsvp_id: str) -> Place:
    """Where a guest's sealed reach stands."""
    return Place("rsvps", rsvp_id, "handle")


async def _add(work: Work, reach: Reach, meeting: MeetingRow, tag: bytes, people: int) -> RsvpRow:
    """Add a guest, who begins at the end of the line as everybody does."""
    record, key = await vault.new_record(work)
    rsvp_id = new_id()
    values: Mapping[str, Any] = {
        "id": rsvp_id, "meeting_id": meeting.id, "record_id": record, "guest_tag": tag, "people": people,
        "state": Seat.WAITING, "handle": seal_reach(key, reach, handle_place(rsvp_id)),
    }  # fmt: skip
    await attendance.add_rsvp(work, values)
    return RsvpRow.model_construct(**values)


async def _all_of(work: Work, reach: Reach) -> list[RsvpRow]:
    tags = [guest_tag(work.keys, one, reach) for one in await attendance.meetings_with_rsvps(work)]
    return await attendance.rsvps_by_tags(work, tags)


async def _line(work: Work, meeting: MeetingRow) -> list[RsvpRow]:
    """The guests who wait, in order, without those who no longer fit: nobody has to wait for them."""
    waiting = await attendance.rsvps_of(work, meeting.id, Seat.WAITING)
    return [one for one in waiting if fits(meeting.capacity, 0, one.people)]


async def _taken(work: Work, meeting_id: str) -> int:
    found = await attendance.people_by_state(work, [meeting_id])
    return found.get((meeting_id, Seat.COMING), (0, 0))[1]


def _open(work: Work, meeting: MeetingRow) -> bool:
    return meeting.status == MeetingStatus.PUBLISHED and meeting.ends_at > work.now


def _mine(mine: RsvpRow, line: list[RsvpRow]) -> Mine:
    place = next((number for number, one in enumerate(line, 1) if one.id == mine.id), 0)
    waiting = mine.state == Seat.WAITING
    return Mine(mine.people, waiting, place, fits=bool(place) or not waiting)


def _shown(
    work: Work, row: MeetingRow, left: int | None = None, free: int | None = None, mine: Mine | None = None
) -> Shown:
    return Shown(
        meeting_id=row.id,
        cancelled=row.status == MeetingStatus.CANCELLED,
        over=row.ends_at <= work.now,
        sequence=row.sequence,
        details=details_of(row.details),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reminded=bool(reminders_of(row.starts_at, work.now)),
        free=free,
        left=left,
        mine=mine,
    )
