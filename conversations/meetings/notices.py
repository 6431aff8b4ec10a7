"""Messages that the bot sends to guests of a meeting unasked: reminders, a move, a cancellation, a place. Pure."""

from __future__ import annotations

from datetime import datetime

from domain.meetings.planning import Details
from domain.meetings.reminders import Left, ReminderRule, time_left
from domain.screens import Button, Moment, Screen, Text

_NEWS = {
    ReminderRule.MOVED: Text("meetings.news.moved"),
    ReminderRule.CANCELLED: Text("meetings.news.cancelled"),
    ReminderRule.PLACE: Text("meetings.news.place"),
}


def due(rule: ReminderRule, meeting_id: str, starts_at: datetime, details: Details, now: datetime) -> Screen:
    """What a reminder of this rule says at this moment."""
    if rule in _NEWS:
        return news(rule, meeting_id, starts_at, details)
    left, number = time_left(starts_at, now)
    first = Text(f"meetings.left.{left}", count=number if left in {Left.MINUTES, Left.HOURS} else None)
    return _notice(first, meeting_id, starts_at, details)


def news(rule: ReminderRule, meeting_id: str, starts_at: datetime, details: Details) -> Screen:
    """What guests are told when a meeting moves or is cancelled, or when they get a place."""
    return _notice(_NEWS[rule], meeting_id, starts_at, details, cancelled=rule == ReminderRule.CANCELLED)


def _notice(first: Text, meeting_id: str, starts_at: datetime, details: Details, *, cancelled: bool = False) -> Screen:
    """When and where, never the theme: phones are shared."""
    when = Text("meetings.one.start", {"start": Moment(starts_at)})
    where = Text("meetings.one.where", {"place": details.place, "address": details.address})
    look = Button(Text("meetings.button.look"), go="meeting", value=meeting_id)
    away = Button(Text("meetings.button.leave"), go="stay_away", value=meeting_id)
    if cancelled:
        return Screen((first, when), ((look,),))
    return Screen((first, when, where), ((look,), (away,)))
