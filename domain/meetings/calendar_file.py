"""A meeting as a calendar file (iCalendar, RFC 5545): one event, in Amsterdam's own time, with a lasting UID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event, Timezone
from icalendar.prop import vInline

from domain.wall_clock import TIMEZONE

_ZONE = Timezone.from_ical("""BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE""")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """The event in the file. sequence: rises with each change · cancelled: the file takes the event out again."""

    uid: str
    sequence: int
    summary: str
    location: str
    description: str
    starts_at: datetime
    ends_at: datetime
    written_at: datetime
    point: tuple[float, float] | None = None
    cancelled: bool = False


def calendar_file(entry: CalendarEntry) -> str:
    """The file: lines of at most 75 octets that end in CR LF."""
    calendar, event = Calendar(), Event()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Buurtstem//NL")
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    event.add("uid", f"{entry.uid}@buurtstem")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.written_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(TIMEZONE))
    event.add("dtend", entry.ends_at.astimezone(TIMEZONE))
    event.add("summary", _lines(entry.summary))
    event.add("location", _lines(entry.location))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.description:
        event.add("description", _lines(entry.description))
    if entry.point is not None:  # always six decimals: the library writes some floats as 5e-05
        event.add("geo", vInline(f"{entry.point[0]:.6f};{entry.point[1]:.6f}"))
    calendar.add_component(_ZONE)
    calendar.add_component(event)
    content: bytes = calendar.to_ical(sorted=False)
    return content.decode()


def _lines(words: str) -> str:
    """The words with one kind of line end: one that the library does not know would break the line of the file."""
    return "\n".join(words.splitlines())
