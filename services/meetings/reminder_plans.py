"""What is planned to be said to the guests of a meeting: rows for the clock, made anew when the meeting moves."""

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
    """Plan what is still to come for these guests; with news, that is told first.

    before: when it was to start · unsaid: news that they have not heard, see `forget`.
    """
    first = min(meeting.starts_at, before or meeting.starts_at)
    rows = []
    for guest in guests:
        unheard = unsaid.get(guest.id, {})
        # Who has not heard of the change before this one still goes by what was before both.
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
    """Forget what is planned for these guests, and what stands in the outbox of it; the news among it."""
    await _take_back(work, [guest.id for guest in guests])
    gone = await reminders.drop_reminders(work, [guest.id for guest in guests])
    # The clock may have put some of it there while we waited for its rows. The outbox goes first all the same: who
    # writes down what was said takes its rows in that order, and the two must not wait for each other.
    await _take_back(work, {rsvp_id for rsvp_id, _, _, state in gone if state == ReminderState.QUEUED})
    unsaid: dict[str, dict[str, datetime]] = {}
    for rsvp_id, rule, due_at, state in gone:
        if rule in NEWS and state in (ReminderState.DUE, ReminderState.QUEUED):
            unsaid.setdefault(rsvp_id, {})[rule] = due_at
    return unsaid


async def _take_back(work: Work, rsvp_ids: Iterable[str]) -> None:
    for rsvp_id in rsvp_ids:
        await queue.drop_about(work, about_tag(work.keys, rsvp_id))
