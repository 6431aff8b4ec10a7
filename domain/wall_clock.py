"""The local time of Amsterdam (the clock on the wall), and the moments (aware UTC) that it shows.

moment_of(2027-03-28 02:30)   raises NoSuchHour: that night the clock goes from 2 to 3
moment_of(2026-10-25 02:30)   00:30 UTC: this hour comes twice, and the first one is meant
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Europe/Amsterdam")


class NoSuchHour(ValueError):
    """The clock skips this hour, in the spring night when it is put forward."""


def moment_of(wall: datetime) -> datetime:
    """The moment (aware UTC) at which the clock shows `wall` (without a zone); the first where it does so twice.

    Raises NoSuchHour, and OverflowError in the first hour of the calendar.
    """
    at = wall.replace(tzinfo=TIMEZONE, fold=0).astimezone(UTC)
    if wall_of(at) != wall:
        raise NoSuchHour(wall.isoformat())
    return at


def wall_of(at: datetime) -> datetime:
    """What the clock shows at a moment, without a zone."""
    return at.astimezone(TIMEZONE).replace(tzinfo=None, fold=0)


def day_of(at: datetime) -> date:
    """The day in Amsterdam at a moment: what people call today. The only place where a moment becomes a day."""
    return wall_of(at).date()


def midnight_before(at: datetime) -> datetime:
    """The moment (aware UTC) at which the day of `at` began in Amsterdam."""
    return moment_of(datetime.combine(day_of(at), time()))


def comes_twice(at: datetime) -> bool:
    """Whether the clock will show the same time again an hour later, in the autumn night when it is put back."""
    local = at.astimezone(TIMEZONE)
    return not local.fold and local.utcoffset() != local.replace(fold=1).utcoffset()
