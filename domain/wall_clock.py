"""The clock on the wall in Amsterdam, and the moments that it shows.

moment_of(2027-03-28 02:30)   raises NoSuchHour: that night the clock goes from 2 to 3
moment_of(2026-10-25 02:30)   00:30 UTC: this hour comes twice, and the first one is meant
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Europe/Amsterdam")


class NoSuchHour(ValueError):
    """The clock skips this hour, in a spring night."""


def moment_of(wall: datetime) -> datetime:
    """The moment (aware UTC) at which the clock shows this, the first of two. wall: without a zone.

    Raises NoSuchHour, and OverflowError in the first hour of the calendar.
    """
    at = wall.replace(tzinfo=TIMEZONE, fold=0).astimezone(UTC)
    if wall_of(at) != wall:
        raise NoSuchHour(wall.isoformat())
    return at


def wall_of(at: datetime) -> datetime:
    """What the clock shows at a moment: without a zone."""
    return at.astimezone(TIMEZONE).replace(tzinfo=None, fold=0)


def day_of(at: datetime) -> date:
    """The day in Amsterdam at a moment: what people call today. The only place where a moment becomes a day."""
    return wall_of(at).date()


def midnight_before(at: datetime) -> datetime:
    """The moment (aware UTC) at which that day began."""
    return moment_of(datetime.combine(day_of(at), time()))


def comes_twice(at: datetime) -> bool:
    """Whether the clock shows this moment, and the same again an hour later."""
    local = at.astimezone(TIMEZONE)
    return not local.fold and local.utcoffset() != local.replace(fold=1).utcoffset()
