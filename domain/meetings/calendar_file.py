"""A meeting as a calendar file (iCalendar, RFC 5545): one event, in Amsterdam's own time, with a UID that stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.wall_clock import wall_of

_LINE = 75  # octets, without the line's end
_ZONE = """BEGIN:VTIMEZONE
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
END:VTIMEZONE"""


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in the file. sequence: counts up with each change · cancelled: it takes the event out again."""

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


def calendar_file(event: Event) -> str:
    """The file: lines of at most 75 octets that end in CR LF."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Buurtstem//NL",
        f"METHOD:{'CANCEL' if event.cancelled else 'PUBLISH'}",
        *_ZONE.split("\n"),
        "BEGIN:VEVENT",
        f"UID:{event.uid}@buurtstem",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{event.written_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID=Europe/Amsterdam:{wall_of(event.starts_at):%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Europe/Amsterdam:{wall_of(event.ends_at):%Y%m%dT%H%M%S}",
        f"SUMMARY:{_escaped(event.summary)}",
        f"LOCATION:{_escaped(event.location)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{_escaped(event.description)}")
    if event.point is not None:
        lines.append(f"GEO:{event.point[0]:.6f};{event.point[1]:.6f}")
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VEVENT", "END:VCALENDAR"))


def _escaped(words: str) -> str:
    for sign in "\\;,":
        words = words.replace(sign, f"\\{sign}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> str:
    """The line in pieces, each but the first begun with a blank. A letter of several octets stays whole."""
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces)
