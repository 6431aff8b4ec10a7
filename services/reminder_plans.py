"""What is planned to be said to the guests of a meeting: rows for the clock, made anew when the meeting moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.meetings import Seat, Status
from domain.reminders import Rule, State, reminders_of, said_at
from domain.sealing import new_id
from services.outbox import about_tag
from services.work import Work
from storage import outbox, reminders
from storage.meetings import MeetingRow, RsvpRow


async def plan(
    work: Work,
    meeting: MeetingRow,
    guests: Sequence[RsvpRow],
    news: Rule | None = None,
    before: datetime | None = None,
) -> None:
    """Plan what is still to come for these guests; with news, that is told first. before: when it was to start."""
    first = min(meeting.starts_at, before or meeting.starts_at)
    rows = []
    for guest in guests:
        moments = {}
        if meeting.status == Status.PUBLISHED and guest.state == Seat.COMING:
            moments = reminders_of(meeting.starts_at, work.now)
        if news is not None:
            moments[news] = said_at(news, first, work.now)
        rows += [
            {
                "id": new_id(), "meeting_id": meeting.id, "rsvp_id": guest.id, "rule": rule, "due_at": at,
                "state": State.DUE,
            }
            for rule, at in moments.items()
        ]  # fmt: skip
    await reminders.add_reminders(work, rows)


async def forget(work: Work, guests: Sequence[RsvpRow]) -> None:
    """Forget what is planned for these guests, and what stands in the outbox of it."""
    for guest in guests:
        await outbox.drop_about(work, about_tag(work.keys, guest.id))
    await reminders.drop_reminders(work, [guest.id for guest in guests])
