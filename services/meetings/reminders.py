"""Saying what is due about meetings: the clock's rows go to the outbox, and what became of them is noted.

Any number of processes may ask at once: each row is locked by one of them, and its new state and its message stand
in one transaction. A message that waits too long in the outbox comes back here, to be said in the words that are
right by then.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from conversations.meetings import notices
from domain.meetings.planning import details_of
from domain.meetings.reminders import DueReminder, ReminderRule, ReminderState, due_reminders
from domain.reach import unseal_reach
from domain.sealing import CannotOpen
from services.meetings.rsvp import handle_place
from services.outbox import envelopes, saying
from services.people import residents
from services.work import Work
from storage.engine import vault
from storage.meetings import reminders
from storage.meetings.reminders import DueRow
from storage.outbox import queue

AT_ONCE = 100
log = logging.getLogger("buurtstem.reminders")
# How long words such as "in 2 hours" stay true.
_WORDS_HOLD = timedelta(minutes=10)


async def say_due(work: Work) -> int:
    """Put the reminders that are due into the outbox, up to 100; returns how many rows were looked at."""
    rows = {row.id: row for row in await reminders.due(work, AT_ONCE)}
    unknown = [row.id for row in rows.values() if row.rule not in set(ReminderRule)]
    if unknown:
        log.error("%d reminder(s) of no known rule", len(unknown))
        await reminders.change_reminders(work, unknown, ReminderState.FAILED)  # the others must not wait for them
    asked = [
        DueReminder(row.id, ReminderRule(row.rule), row.due_at, row.starts_at, row.ends_at)
        for row in rows.values()
        if row.id not in unknown
    ]
    due = due_reminders(asked, work.now)
    await reminders.change_reminders(work, due.missed, ReminderState.MISSED)
    for one, at in due.later.items():
        await reminders.change_reminders(work, [one], ReminderState.DUE, due_at=at)
    for one in due.say:
        await reminders.change_reminders(work, [one], await _say(work, rows[one]))
    return len(rows)


async def noted(work: Work, reminder_id: str, state: str) -> None:
    """Note what became of a reminder's message. One that waited too long in the outbox (`expired`) is due again."""
    became = (
        ReminderState.DROPPED
        if state == "unwanted"
        else ReminderState(state)
        if state in set(ReminderState)
        else ReminderState.DUE
    )
    await reminders.change_reminders(work, [reminder_id], became, only=ReminderState.QUEUED)


async def doubt_all(work: Work) -> None:
    """Doubt all that may have been said since a restored backup: it is not said again, and staff see how many."""
    for rsvp_id in await reminders.doubt(work):
        await queue.drop_about(work, envelopes.about_tag(work.keys, rsvp_id))


async def _say(work: Work, row: DueRow) -> ReminderState:
    try:
        key = await vault.open_record(work, row.record_id)
        reach = unseal_reach(key, row.handle, handle_place(row.rsvp_id))
    except CannotOpen:
        return ReminderState.FAILED  # the others must not wait for it
    if not await residents.wants_to_hear(work, reach):
        return ReminderState.DROPPED
    receipt, until = f"reminder:{row.id}", work.now + _WORDS_HOLD
    screen = notices.due(ReminderRule(row.rule), row.meeting_id, row.starts_at, details_of(row.details), work.now)
    await saying.show(work, reach, screen, many=True, about=row.rsvp_id, receipt=receipt, until=until)
    return ReminderState.QUEUED
