"""What staff do with meetings: plan, publish, move, cancel, and see who comes. Guests are told what they must know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.broadcasts.rules import in_steps
from domain.cleaning import cleaned, one_line
from domain.meetings.planning import (
    Details,
    MeetingPlan,
    MeetingStatus,
    Seat,
    WrongMeeting,
    details_json,
    details_of,
    hours_of,
)
from domain.meetings.reminders import ReminderRule
from domain.refusals import Changed, NotNow, NotThere
from domain.sealing import is_id, new_id
from domain.staff.rights import Scope
from locales.texts import LANGUAGES
from services.meetings import reminder_plans, rsvp
from services.staff.access import note, require
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Work
from storage.meetings import attendance, reminders
from storage.meetings.attendance import MeetingRow

_LISTED = 100
_AT_ONCE = 50
RSVP_KEPT = timedelta(days=30)


class UnknownMeeting(NotThere):
    """No such meeting."""


class MeetingChanged(Changed):
    """Another member of staff changed the meeting first: look again before you go on."""


class MeetingNotNow(NotNow):
    """The meeting's state does not allow this: it was cancelled, held or published before."""


@dataclass(frozen=True, slots=True)
class ListedMeeting:
    """A meeting on the list. coming, waiting: people, in steps of 5; None: fewer than 5."""

    meeting_id: str
    status: MeetingStatus
    theme: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    coming: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as staff see it, with its people in steps of 5; None: fewer than 5.

    coming_parties, waiting_parties: how many residents signed up; coming, waiting: the people they bring, themselves
    among them · told: (rule, state) -> how many reminders.
    """

    meeting_id: str
    status: MeetingStatus
    version: int
    sequence: int
    details: Details
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    coming_parties: int | None
    coming: int | None
    waiting_parties: int | None
    waiting: int | None
    told: dict[tuple[str, str], int | None]


async def plan(work: Work, staff: Staff, given: MeetingPlan, once: str | None = None) -> str:
    """Plan a meeting, as a draft; returns its id.

    once: an idempotency key; the same plan again has no second effect. Raises NotAllowed, WrongMeeting and
    RepeatedDifferently.
    """
    require(staff, Scope.MEETINGS)
    values = _values(work, given)
    meeting_id = new_id()
    if before := await made_before(work, staff, "meeting", once, repr(sorted(values.items())), meeting_id):
        return before
    await attendance.add_meeting(
        work, {"id": meeting_id, "status": MeetingStatus.DRAFT, "version": 1, "sequence": 0, **values}
    )
    await note(work, staff, meeting_id, "plan")
    return meeting_id


async def change(work: Work, staff: Staff, meeting_id: str, given: MeetingPlan, version: int) -> bool:
    """Change a meeting; True when a published one was moved (another time or place), which its guests are told.

    More room lets in the head of the line; less room sends nobody away. Raises NotAllowed, UnknownMeeting,
    MeetingChanged, MeetingNotNow and WrongMeeting.
    """
    row = await _locked(work, staff, meeting_id, version, {MeetingStatus.DRAFT, MeetingStatus.PUBLISHED})
    values = _values(work, given)
    moved = _moves(row, values)
    old_start = row.starts_at
    await attendance.change_meeting(work, row.id, **values, sequence=row.sequence + moved)
    row = await _found(work, row.id, lock=True)
    if moved:
        await _replan(work, row, ReminderRule.MOVED, before=old_start)
    await rsvp.fill(work, row)
    await note(work, staff, meeting_id, "change")
    return moved


async def would_move(work: Work, staff: Staff, meeting_id: str, given: MeetingPlan, version: int) -> bool:
    """Whether `change` would tell guests of another time or place. Raises as `change`."""
    row = await _locked(work, staff, meeting_id, version, {MeetingStatus.DRAFT, MeetingStatus.PUBLISHED})
    return _moves(row, _values(work, given))


async def publish(work: Work, staff: Staff, meeting_id: str, version: int) -> None:
    """Show a draft to residents.

    Raises NotAllowed, UnknownMeeting, MeetingChanged, MeetingNotNow; WrongMeeting when it is past.
    """
    row = await _locked(work, staff, meeting_id, version, {MeetingStatus.DRAFT})
    if row.starts_at <= work.now:
        raise WrongMeeting("in_the_past")
    await attendance.change_meeting(work, row.id, status=MeetingStatus.PUBLISHED)
    await note(work, staff, meeting_id, "publish")


async def discard(work: Work, staff: Staff, meeting_id: str, version: int) -> None:
    """Delete a draft: no resident has seen it. Raises NotAllowed, UnknownMeeting, MeetingChanged and MeetingNotNow."""
    row = await _locked(work, staff, meeting_id, version, {MeetingStatus.DRAFT})
    await attendance.drop_meeting(work, row.id)
    await note(work, staff, meeting_id, "delete")


async def cancel(work: Work, staff: Staff, meeting_id: str, version: int) -> None:
    """Cancel a meeting; guests and residents who wait for a place are told.

    Raises NotAllowed, UnknownMeeting, MeetingChanged and MeetingNotNow.
    """
    row = await _locked(work, staff, meeting_id, version, {MeetingStatus.PUBLISHED})
    await attendance.change_meeting(work, row.id, status=MeetingStatus.CANCELLED, sequence=row.sequence + 1)
    await _replan(work, await _found(work, row.id), ReminderRule.CANCELLED)
    await note(work, staff, meeting_id, "cancel")


async def all_meetings(work: Work, staff: Staff, language: str = "nl") -> list[ListedMeeting]:
    """The meetings, 100 at most, with their theme in that language: those to come, then those that are over.

    The nearest to now are first in both. Raises NotAllowed.
    """
    require(staff, Scope.MEETINGS)
    rows = await attendance.nearest_meetings(work, _LISTED)
    people = await attendance.people_by_state(work, [row.id for row in rows])
    lines = []
    for row in rows:
        theme = details_of(row.details).theme
        coming, waiting = (in_steps(people.get((row.id, seat), (0, 0))[1]) for seat in (Seat.COMING, Seat.WAITING))
        words = theme.get(language) or theme["nl"]
        when = (row.starts_at, row.ends_at)
        lines.append(ListedMeeting(row.id, MeetingStatus(row.status), words, *when, row.capacity, coming, waiting))
    return lines


async def meeting(work: Work, staff: Staff, meeting_id: str) -> Meeting:
    """One meeting with its counts. Raises NotAllowed and UnknownMeeting."""
    require(staff, Scope.MEETINGS)
    row = await _found(work, meeting_id)
    people = await attendance.people_by_state(work, [row.id])
    coming, waiting = (people.get((row.id, seat), (0, 0)) for seat in (Seat.COMING, Seat.WAITING))
    return Meeting(
        meeting_id=row.id,
        status=MeetingStatus(row.status),
        version=row.version,
        sequence=row.sequence,
        details=details_of(row.details),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        capacity=row.capacity,
        coming_parties=in_steps(coming[0]),
        coming=in_steps(coming[1]),
        waiting_parties=in_steps(waiting[0]),
        waiting=in_steps(waiting[1]),
        told={cell: in_steps(times) for cell, times in (await reminders.states(work, row.id)).items()},
    )


async def end_passed(work: Work) -> None:
    """Mark the meetings whose end has come as held. For the clock."""
    await attendance.end_meetings(work, MeetingStatus.PUBLISHED, MeetingStatus.HELD)


async def forget_guests(work: Work) -> None:
    """Forget a meeting's guests 30 days after its end, a few at a time so that nobody waits. For the clock."""
    for meeting_id in (await attendance.meetings_with_rsvps(work, work.now - RSVP_KEPT))[:1]:
        row = await _found(work, meeting_id, lock=True)
        for guest in (await attendance.rsvps_of(work, meeting_id))[: _AT_ONCE * 4]:
            await rsvp.leave(work, row, guest, "retention")


def _moves(row: MeetingRow, values: Mapping[str, object]) -> bool:
    before, after = details_of(row.details), details_of(str(values["details"]))
    elsewhere = (before.place, before.address, before.point) != (after.place, after.address, after.point)
    at_another_time = (row.starts_at, row.ends_at) != (values["starts_at"], values["ends_at"])
    return row.status == MeetingStatus.PUBLISHED and (elsewhere or at_another_time)


async def _replan(work: Work, row: MeetingRow, news: ReminderRule, before: datetime | None = None) -> None:
    guests = await attendance.rsvps_of(work, row.id)
    unsaid = await reminder_plans.forget(work, guests)
    await reminder_plans.plan(work, row, guests, news, before, unsaid)


async def _found(work: Work, meeting_id: str, *, lock: bool = False) -> MeetingRow:
    row = await attendance.meeting_by_id(work, meeting_id, lock=lock) if is_id(meeting_id) else None
    if row is None:
        raise UnknownMeeting
    return row


async def _locked(work: Work, staff: Staff, meeting_id: str, version: int, allowed: set[MeetingStatus]) -> MeetingRow:
    require(staff, Scope.MEETINGS)
    row = await _found(work, meeting_id, lock=True)
    if row.version != version:
        raise MeetingChanged
    if row.status not in allowed or (row.status == MeetingStatus.PUBLISHED and row.ends_at <= work.now):
        raise MeetingNotNow
    return row


def _values(work: Work, given: MeetingPlan) -> dict[str, object]:
    """The columns of a plan. Raises WrongMeeting."""
    given = replace(given, details=_clean(given.details))
    starts_at, ends_at = hours_of(given, work.now)
    return {
        "details": details_json(given.details), "starts_at": starts_at, "ends_at": ends_at,
        "capacity": given.capacity,
    }  # fmt: skip


def _clean(details: Details) -> Details:
    """The details without invisible characters and without languages that have no words. Raises WrongMeeting."""

    def texts(given: Mapping[str, str], clean: Callable[[str], str] = cleaned) -> dict[str, str]:
        if set(given) - set(LANGUAGES):
            raise WrongMeeting("bad_language")
        return {language: words for language, told in given.items() if (words := clean(told))}

    return Details(
        texts(details.theme, one_line),
        one_line(details.place),
        one_line(details.address),
        texts(details.about),
        texts(details.access),
        details.point,
    )
