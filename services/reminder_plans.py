"""What is planned to be said to the guests of a meeting: rows for the clock, made anew when the meeting moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
    placed: Collection[str] = (),
) -> None:
    """Plan what is still to come for these guests; with news, that is told first.

    before: when it was to start · placed: guests (rsvp ids) who must hear besides that they have a place.
    """
    first = min(meeting.starts_at, before or meeting.starts_at)
    rows = []
    for guest in guests:
        moments = {}
        if meeting.status == Status.PUBLISHED and guest.state == Seat.COMING:
            moments = reminders_of(meeting.starts_at, work.now)
            if guest.id in placed:
                moments[Rule.PLACE] = said_at(Rule.PLACE, first, work.now)
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


async def forget(work: Work, guests: Sequence[RsvpRow]) -> set[str]:
    """Forget what is planned for these guests, and what stands in the outbox of it.

    Who of them (rsvp ids) had not heard yet that they have a place.
    """
    await _take_back(work, [guest.id for guest in guests])
    gone = await reminders.drop_reminders(work, [guest.id for guest in guests])
    # The clock may have put some of it there while we waited for its rows. The outbox goes first all the same: who
    # writes down what was said takes its rows in that order, and the two must not wait for each other.
    await _take_back(work, {rsvp_id for rsvp_id, _, state in gone if state == State.QUEUED})
    return {rsvp_id for rsvp_id, rule, state in gone if rule == Rule.PLACE and state in (State.DUE, State.QUEUED)}


async def _take_back(work: Work, rsvp_ids: Iterable[str]) -> None:
    for rsvp_id in rsvp_ids:
        await outbox.drop_about(work, about_tag(work.keys, rsvp_id))
