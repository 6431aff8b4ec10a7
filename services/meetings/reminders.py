"""Saying what is due about meetings: from a row of the clock to the outbox, and back what became of it.

Any number of processes may ask at once: each row is locked by one of them, and its new state and its message stand
in one transaction. A message that waits too long in the outbox comes back here, to be said in the words that are
right by then.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from domain.meetings.planning import Details, details_of
from domain.meetings.reminders import Asked, Left, Rule, State, due_reminders, time_left
from domain.screens import Button, Moment, Screen, Text
from domain.sealing import CannotOpen, unseal_json
from services.meetings.rsvp import handle_place
from services.outbox import saying
from services.people import residents
from services.work import Work
from storage.engine import vault
from storage.meetings import reminders
from storage.meetings.reminders import DueRow
from storage.outbox import queue

AT_ONCE = 100
log = logging.getLogger("buurtstem.reminders")
# So long "in 2 hours" stays true.
_WORDS_HOLD = timedelta(minutes=10)
_NEWS = {
    Rule.MOVED: Text("meetings.news.moved"),
    Rule.CANCELLED: Text("meetings.news.cancelled"),
    Rule.PLACE: Text("meetings.news.place"),
}


async def say_due(work: Work) -> int:
    """Put what is due into the outbox, up to 100; how many rows were looked at."""
    rows = {row.id: row for row in await reminders.due(work, AT_ONCE)}
    unknown = [row.id for row in rows.values() if row.rule not in set(Rule)]
    if unknown:
        log.error("%d reminder(s) of no known rule", len(unknown))
        await reminders.change_reminders(work, unknown, State.FAILED)  # the others must not wait for them
    asked = [
        Asked(row.id, Rule(row.rule), row.due_at, row.starts_at, row.ends_at)
        for row in rows.values()
        if row.id not in unknown
    ]
    due = due_reminders(asked, work.now)
    await reminders.change_reminders(work, due.missed, State.MISSED)
    for one, at in due.later.items():
        await reminders.change_reminders(work, [one], State.DUE, due_at=at)
    for one in due.say:
        await reminders.change_reminders(work, [one], await _say(work, rows[one]))
    return len(rows)


async def noted(work: Work, reminder_id: str, state: str) -> None:
    """What became of a message. One that waited too long in the outbox (`expired`) is due again."""
    became = State.DROPPED if state == "unwanted" else State(state) if state in set(State) else State.DUE
    await reminders.change_reminders(work, [reminder_id], became, only=State.QUEUED)


async def doubt_all(work: Work) -> None:
    """After a backup was restored nobody knows what was said since: it is not said again, and staff see how many."""
    for rsvp_id in await reminders.doubt(work):
        await queue.drop_about(work, saying.about_tag(work.keys, rsvp_id))


async def _say(work: Work, row: DueRow) -> State:
    try:
        key = await vault.open_record(work, row.record_id)
        handle = unseal_json(key, row.handle, handle_place(row.rsvp_id))
    except CannotOpen:
        return State.FAILED  # the others must not wait for it
    if not await residents.wants_to_hear(work, handle["telegram_id"]):
        return State.DROPPED
    receipt, until = f"reminder:{row.id}", work.now + _WORDS_HOLD
    screen = _screen(work, row)
    await saying.show(work, handle["chat_id"], screen, many=True, about=row.rsvp_id, receipt=receipt, until=until)
    return State.QUEUED


def news(rule: Rule, meeting_id: str, starts_at: datetime, details: Details) -> Screen:
    """What guests are told when a meeting moves or is cancelled, or when they get a place."""
    return _notice(_NEWS[rule], meeting_id, starts_at, details, cancelled=rule == Rule.CANCELLED)


def _screen(work: Work, row: DueRow) -> Screen:
    rule, details = Rule(row.rule), details_of(row.details)
    if rule in _NEWS:
        return news(rule, row.meeting_id, row.starts_at, details)
    left, number = time_left(row.starts_at, work.now)
    first = Text(f"meetings.left.{left}", count=number if left in {Left.MINUTES, Left.HOURS} else None)
    return _notice(first, row.meeting_id, row.starts_at, details)


def _notice(first: Text, meeting_id: str, starts_at: datetime, details: Details, *, cancelled: bool = False) -> Screen:
    """When and where, never the theme: phones are shared."""
    when = Text("meetings.one.start", {"start": Moment(starts_at)})
    where = Text("meetings.one.where", {"place": details.place, "address": details.address})
    look = Button(Text("meetings.button.look"), go="meeting", value=meeting_id)
    away = Button(Text("meetings.button.leave"), go="stay_away", value=meeting_id)
    if cancelled:
        return Screen((first, when), ((look,),))
    return Screen((first, when, where), ((look,), (away,)))
