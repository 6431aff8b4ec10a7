"""The calendar file: folded, escaped, in Amsterdam's time, with a sequence number that tells it from older ones."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.calendar_file import CalendarEntry, calendar_file

EVENT = CalendarEntry(
    uid="a" * 26,
    sequence=2,
    summary="Open huis, met thee; koffie\\melk",
    location="De Honingraat, Osdorpplein 1",
    description="Eerste regel\nTweede regel",
    starts_at=datetime(2026, 11, 28, 13, tzinfo=UTC),
    ends_at=datetime(2026, 11, 28, 15, tzinfo=UTC),
    written_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
    point=(52.3579, 4.8053),
)


def lines_of(content: str) -> list[str]:
    """The lines of a calendar file, unfolded."""
    assert content.endswith("\r\n")
    return content.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_file_holds_one_event_with_its_uid_sequence_and_times() -> None:
    lines = lines_of(calendar_file(EVENT))
    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Buurtstem//NL", "METHOD:PUBLISH"]
    for line in (
        f"UID:{'a' * 26}@buurtstem", "SEQUENCE:2", "DTSTAMP:20261121T100000Z", "STATUS:CONFIRMED",
        "DTSTART;TZID=Europe/Amsterdam:20261128T140000", "DTEND;TZID=Europe/Amsterdam:20261128T160000",
        "SUMMARY:Open huis\\, met thee\\; koffie\\\\melk", "DESCRIPTION:Eerste regel\\nTweede regel",
        "GEO:52.357900;4.805300", "TZID:Europe/Amsterdam",
    ):  # fmt: skip
        assert line in lines
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]


def test_a_cancelled_meeting_takes_the_same_event_out() -> None:
    lines = lines_of(calendar_file(replace(EVENT, cancelled=True, sequence=3)))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", f"UID:{'a' * 26}@buurtstem"} <= set(lines)


def test_summer_and_winter_are_told_in_wall_clock_time() -> None:
    summer = calendar_file(replace(EVENT, starts_at=datetime(2027, 3, 28, 12, tzinfo=UTC)))
    assert "DTSTART;TZID=Europe/Amsterdam:20270328T140000\r\n" in summer


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300))
def test_no_line_is_longer_than_75_octets_and_no_letter_is_torn(words: str) -> None:
    content = calendar_file(replace(EVENT, summary=words))
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"SUMMARY:{escaped}" in lines_of(content)
