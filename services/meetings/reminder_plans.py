"""The messages planned for the guests of a meeting: rows for the clock, made anew when the meeting moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from domain.meetings.planning import MeetingStatus, Seat
from domain.meetings.reminders import NEWS, ReminderRule, ReminderState, reminders_of, said_at
from domain.sealing import new_id
from services.outbox.envelopes import about_tag
from services.work import Work
from storage.meetings import reminders
from storage.meetings.attendance import MeetingRow, RsvpRow
from storage.outbox import queue

# Guest (rsvp id) -> news that was not said -> when it was to be said.
Unsaid = Mapping[str, Mapping[str, datetime]]
NOTHING: Unsaid = MappingProxyType({})


async def plan(
    work: Work,
    meeting: MeetingRow,
    guests: Sequence[RsvpRow],
    news: ReminderRule | None = None,
    before: datetime | None = None,
    unsaid: Unsaid = NOTHING,
) -> None:
    """Plan the reminders that are still to come for these guests; `news` is told before them.

    before: the start before the change, None where it is the same · unsaid: earlier news that they have not heard, as
    `forget` returns it.
    """
    first = min(meeting.starts_at, before or meeting.starts_at)
    rows = []
    for guest in guests:
        unheard = unsaid.get(guest.id, {})
        # A guest who has not heard of an earlier change still goes by the meeting as it was before both changes.
        news_at = max(work.now, min((said_at(news or ReminderRule.PLACE, first, work.now), *unheard.values())))
        moments = {}
        if meeting.status == MeetingStatus.PUBLISHED and guest.state == Seat.COMING:
            moments = reminders_of(meeting.starts_at, work.now)
            if ReminderRule.PLACE in unheard:
                moments[ReminderRule.PLACE] = news_at
        if news is not None:
            moments[news] = news_at
        rows += [
            {
                "id": new_id(), "meeting_id": meeting.id, "rsvp_id": guest.id, "rule": rule, "due_at": at,
                "state": ReminderState.DUE,
            }
            for rule, at in moments.items()
        ]  # fmt: skip
    await reminders.add_reminders(work, rows)


async def forget(work: Work, guests: Sequence[RsvpRow]) -> Unsaid:
    """Forget what is planned for these guests, in the outbox too; returns the news in it that was not said yet."""
    await _take_back(work, [guest.id for guest in guests])
    gone = await reminders.drop_reminders(work, [guest.id for guest in guests])
    # The clock may have put more into the outbox while we waited for these rows. Still, the outbox goes first: noting
    # what was said locks the outbox before the reminders too, and the two must not wait for each other.
    await _take_back(work, {rsvp_id for rsvp_id, _, _, state in gone if state == ReminderState.QUEUED})
    unsaid: dict[str, dict[str, datetime]] = {}
    for rsvp_id, rule, due_at, state in gone:
        if rule in NEWS and state in (ReminderState.DUE, ReminderState.QUEUED):
            unsaid.setdefault(rsvp_id, {})[rule] = due_at
    return unsaid


async def _take_back(work: Work, rsvp_ids: Iterable[str]) -> None:
    for rsvp_id in rsvp_ids:
        await queue.drop_about(work, about_tag(work.keys, rsvp_id))
