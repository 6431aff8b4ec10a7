"""Messages about a meeting that the bot sends unasked: when each is due, until when it makes sense, in which words.

Times are Amsterdam's; between 21:00 and 08:00 nobody is woken, unless the message would make no sense later. Meeting
on Saturday at 14:00: "1 day before" is due on Friday at 18:00 and makes sense until 11:00 on Saturday; "2 hours
before" is due at 12:00 and makes sense until 13:45.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.wall_clock import day_of, moment_of, wall_of

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
_EVENING = time(20, 30)  # when a message goes that can't wait until the morning
_DAY_BEFORE_AT = time(18)


class ReminderRule(StrEnum):
    """Why a message is sent."""

    DAY_BEFORE = "day_before"
    TWO_HOURS = "two_hours"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PLACE = "place"  # somebody came from the waiting line into the meeting


# Messages that are sent because something changed, not because the time has come.
NEWS = frozenset({ReminderRule.MOVED, ReminderRule.CANCELLED, ReminderRule.PLACE})


class ReminderState(StrEnum):
    """What became of a reminder. queued: it is in the outbox · dropped: the resident does not want to hear from us."""

    DUE = "due"
    QUEUED = "queued"
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    MISSED = "missed"
    DROPPED = "dropped"


# How long before the start each message still makes sense. DAY_BEFORE ends where TWO_HOURS takes over. CANCELLED is not
# here: it makes sense until the end of the meeting, for some people are on their way.
SENSE = {
    ReminderRule.DAY_BEFORE: timedelta(hours=3),
    ReminderRule.TWO_HOURS: timedelta(minutes=15),
    ReminderRule.MOVED: timedelta(0),
    ReminderRule.PLACE: timedelta(0),
}
# A message in the quiet hours waits for the morning where that comes at least this long before the start; else it is
# sent at once. DAY_BEFORE waits in any case: it is too late then, and TWO_HOURS takes over.
_MORNING_AHEAD = {ReminderRule.DAY_BEFORE: timedelta(days=-1), ReminderRule.TWO_HOURS: SENSE[ReminderRule.TWO_HOURS]}
_NEWS_AHEAD = timedelta(hours=3)
# A message that is at most this late is sent at once: its moment was already chosen with the quiet hours in mind.
_ON_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder whose moment has come; start, end: of the meeting. All aware UTC."""

    id: str
    rule: ReminderRule
    due_at: datetime
    start: datetime
    end: datetime

    @property
    def until(self) -> datetime:
        """The last moment at which it makes sense (aware UTC)."""
        return self.start - SENSE[self.rule] if self.rule in SENSE else self.end


@dataclass(frozen=True, slots=True)
class ReminderWork:
    """What to do with due reminders. say: ids to send now · missed: ids that are too late · later: id -> new moment."""

    say: tuple[str, ...]
    missed: tuple[str, ...]
    later: dict[str, datetime]


class Left(StrEnum):
    """The kind of words in which the time until the start is told."""

    MINUTES = "minutes"
    HOURS = "hours"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"


def reminders_of(start: datetime, now: datetime) -> dict[ReminderRule, datetime]:
    """The reminders that are still to come for somebody who has a place: rule -> moment (aware UTC)."""
    day_before = _at(day_of(start) - timedelta(days=1), _DAY_BEFORE_AT)
    moments = {ReminderRule.DAY_BEFORE: day_before, ReminderRule.TWO_HOURS: _two_hours(start)}
    return {rule: at for rule, at in moments.items() if at > now}


def _two_hours(start: datetime) -> datetime:
    at = start - timedelta(hours=2)
    moment = said_at(ReminderRule.TWO_HOURS, start, at)
    if moment > at or _morning_after(at) is None:
        return moment
    evening = day_of(at) if wall_of(at).time() >= QUIET_FROM else day_of(at) - timedelta(days=1)
    # Where the meeting is that same evening, two hours before, though quiet, is better than long before.
    return at if day_of(start) == evening else _at(evening, _EVENING)


def said_at(rule: ReminderRule, start: datetime, now: datetime) -> datetime:
    """When a message that is due now may be sent: at once, or in the morning where that still makes sense."""
    morning = _morning_after(now)
    ahead = _MORNING_AHEAD.get(rule, _NEWS_AHEAD)
    return morning if morning is not None and morning <= start - ahead else now


def due_reminders(asked: Iterable[DueReminder], now: datetime) -> ReminderWork:
    """What to do with reminders whose moment has come, perhaps long ago: the program may have stood still."""
    say, missed, later = [], [], {}
    for one in asked:
        if now > one.until:
            missed.append(one.id)
        elif now - one.due_at > _ON_TIME and (at := said_at(one.rule, one.start, now)) > now:
            later[one.id] = at
        else:
            say.append(one.id)
    return ReminderWork(tuple(say), tuple(missed), later)


def time_left(start: datetime, now: datetime) -> tuple[Left, int]:
    """The words for the time until the start, and the number in them: 45 minutes, 2 hours; 0 where they have none.

    Hours are rather too few than too many: an hour and a half is 1 hour, so that nobody comes late.
    """
    left = start - now
    if left < timedelta(minutes=50):
        return Left.MINUTES, max(5, round(left / timedelta(minutes=5)) * 5)
    if left < timedelta(hours=3.5):
        return Left.HOURS, (left + timedelta(minutes=10)) // timedelta(hours=1)
    days = (day_of(start) - day_of(now)).days
    return {0: Left.TODAY, 1: Left.TOMORROW}.get(days, Left.LATER), 0


def _morning_after(at: datetime) -> datetime | None:
    """The end of the quiet hours that `at` lies in; None where it lies outside them."""
    hour = wall_of(at).time()
    if hour >= QUIET_FROM:
        return _at(day_of(at) + timedelta(days=1), QUIET_UNTIL)
    return _at(day_of(at), QUIET_UNTIL) if hour < QUIET_UNTIL else None


def _at(day: date, hour: time) -> datetime:
    """The moment of that hour on that day. No change of the clock skips or doubles any of the hours above."""
    return moment_of(datetime.combine(day, hour))
