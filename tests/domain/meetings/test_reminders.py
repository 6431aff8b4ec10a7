"""When a guest is told, until when, and in which words; also over the nights when the clock changes."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.reminders import (
    QUIET_FROM,
    QUIET_UNTIL,
    SENSE,
    DueReminder,
    Left,
    ReminderRule,
    due_reminders,
    reminders_of,
    said_at,
    time_left,
)
from domain.wall_clock import moment_of, wall_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(*parts: int) -> datetime:
    """The moment (aware UTC) at which the clock in Amsterdam shows this: year, month, day, hour, minute."""
    return moment_of(datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001


def on_the_wall(moments: dict[ReminderRule, datetime]) -> dict[str, str]:
    return {rule.value: f"{wall_of(moment):%d %H:%M}" for rule, moment in moments.items()}


@pytest.mark.parametrize(
    ("start", "day_before", "two_hours"),
    [
        (at(2026, 11, 28, 14), "27 18:00", "28 12:00"),
        (at(2027, 3, 28, 14), "27 18:00", "28 12:00"),  # the night before, the clock skips an hour
        (at(2026, 10, 25, 14), "24 18:00", "25 12:00"),  # the night before, an hour comes twice
        (at(2027, 3, 28, 4), "27 18:00", "27 20:30"),
        (at(2026, 11, 28, 8, 30), "27 18:00", "28 08:00"),  # not at 06:30
        (at(2026, 11, 28, 7, 30), "27 18:00", "27 20:30"),  # 08:00 would be too late
        (at(2026, 11, 28, 23, 30), "27 18:00", "28 21:30"),  # in the quiet hours, but on the evening itself
    ],
)
def test_reminders_are_due_by_the_clock_on_the_wall(start: datetime, day_before: str, two_hours: str) -> None:
    assert on_the_wall(reminders_of(start, LONG_AGO)) == {"day_before": day_before, "two_hours": two_hours}


def test_two_hours_before_is_two_hours_also_across_the_nights_of_the_clock() -> None:
    for start in (at(2027, 3, 28, 10), at(2026, 10, 25, 10)):
        assert reminders_of(start, LONG_AGO)[ReminderRule.TWO_HOURS] == start - 2 * HOUR
    # The reminder of the day before comes 23 hours before the start in spring, and 25 in autumn.
    assert at(2027, 3, 28, 18) - reminders_of(at(2027, 3, 28, 18), LONG_AGO)[ReminderRule.DAY_BEFORE] == 23 * HOUR
    assert at(2026, 10, 25, 18) - reminders_of(at(2026, 10, 25, 18), LONG_AGO)[ReminderRule.DAY_BEFORE] == 25 * HOUR


def test_who_comes_later_gets_the_next_one_that_still_makes_sense() -> None:
    start = at(2026, 11, 28, 14)
    assert set(reminders_of(start, at(2026, 11, 27, 18))) == {ReminderRule.TWO_HOURS}
    assert reminders_of(start, at(2026, 11, 28, 12)) == {}


@given(
    st.datetimes(datetime(2026, 9, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 72),
)
def test_every_reminder_lies_before_the_start_makes_sense_and_wakes_nobody(start: datetime, hours: int) -> None:
    now = start - hours * HOUR
    found = reminders_of(start, now)
    # The first reminder is due at 18:00 of the day before, the second at 20:30 of it at the earliest.
    assert ReminderRule.DAY_BEFORE in found or hours <= 31
    assert ReminderRule.TWO_HOURS in found or hours <= 13
    for rule, moment in found.items():
        assert now < moment <= start - SENSE[rule]
        own_hour = wall_of(start).time() >= QUIET_FROM or wall_of(moment).date() == wall_of(start).date()
        assert QUIET_UNTIL <= wall_of(moment).time() < QUIET_FROM or own_hour


@pytest.mark.parametrize(
    ("rule", "now", "start", "said"),
    [
        (ReminderRule.MOVED, at(2026, 11, 27, 22), at(2026, 11, 28, 14), at(2026, 11, 28, 8)),
        (ReminderRule.MOVED, at(2026, 11, 27, 22), at(2026, 11, 28, 10), at(2026, 11, 27, 22)),
        (ReminderRule.CANCELLED, at(2026, 11, 27, 12), at(2026, 11, 28, 10), at(2026, 11, 27, 12)),
        (ReminderRule.PLACE, at(2026, 10, 25, 1), at(2026, 10, 25, 14), at(2026, 10, 25, 8)),
        (ReminderRule.PLACE, at(2027, 3, 27, 23), at(2027, 3, 28, 14), at(2027, 3, 28, 8)),
    ],
)
def test_news_waits_for_the_morning_where_that_is_early_enough(
    rule: ReminderRule, now: datetime, start: datetime, said: datetime
) -> None:
    assert said_at(rule, start, now) == said


START = at(2026, 11, 28, 14)
END = START + 2 * HOUR
DUE = {
    **reminders_of(START, LONG_AGO),
    ReminderRule.MOVED: at(2026, 11, 27, 12), ReminderRule.CANCELLED: at(2026, 11, 27, 12)
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "now", "verdict"),
    [
        (ReminderRule.DAY_BEFORE, at(2026, 11, 27, 18), "say"),
        (ReminderRule.DAY_BEFORE, at(2026, 11, 28, 9), "say"),
        (ReminderRule.DAY_BEFORE, at(2026, 11, 28, 3), "later"),
        (ReminderRule.DAY_BEFORE, at(2026, 11, 28, 11), "say"),
        (ReminderRule.DAY_BEFORE, at(2026, 11, 28, 11, 1), "missed"),
        (ReminderRule.TWO_HOURS, at(2026, 11, 28, 13, 45), "say"),
        (ReminderRule.TWO_HOURS, at(2026, 11, 28, 13, 46), "missed"),
        (ReminderRule.MOVED, at(2026, 11, 28, 13, 59), "say"),
        (ReminderRule.MOVED, at(2026, 11, 28, 14, 1), "missed"),
        (ReminderRule.MOVED, at(2026, 11, 28, 2), "later"),
        (ReminderRule.CANCELLED, at(2026, 11, 28, 2), "later"),
        (ReminderRule.CANCELLED, at(2026, 11, 28, 15, 59), "say"),
        (ReminderRule.CANCELLED, at(2026, 11, 28, 16, 1), "missed"),
    ],
)
def test_late_ones_are_said_while_they_make_sense_and_missed_after(
    rule: ReminderRule, now: datetime, verdict: str
) -> None:
    due = due_reminders([DueReminder("one", rule, DUE[rule], START, END)], now)
    assert {"say": "one" in due.say, "missed": "one" in due.missed, "later": "one" in due.later}[verdict]
    assert len(due.say) + len(due.missed) + len(due.later) == 1
    assert all(moment == at(2026, 11, 28, 8) for moment in due.later.values())


def test_the_day_before_and_two_hours_before_are_never_said_together() -> None:
    said = set()
    for minutes in range(0, 60 * 48, 7):
        now = START - timedelta(minutes=minutes)
        asked = [DueReminder(rule, rule, moment, START, END) for rule, moment in DUE.items() if moment <= now]
        said.add(frozenset({ReminderRule.DAY_BEFORE, ReminderRule.TWO_HOURS} & set(due_reminders(asked, now).say)))
    assert said == {frozenset(), frozenset({ReminderRule.DAY_BEFORE}), frozenset({ReminderRule.TWO_HOURS})}


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (at(2026, 11, 28, 12), (Left.HOURS, 2)),
        (at(2026, 11, 28, 12, 10), (Left.HOURS, 2)),
        (at(2026, 11, 28, 12, 30), (Left.HOURS, 1)),
        (at(2026, 11, 28, 13, 10), (Left.HOURS, 1)),
        (at(2026, 11, 28, 13, 15), (Left.MINUTES, 45)),
        (at(2026, 11, 28, 13, 59), (Left.MINUTES, 5)),
        (at(2026, 11, 28, 9), (Left.TODAY, 0)),
        (at(2026, 11, 27, 18), (Left.TOMORROW, 0)),
        (at(2026, 11, 20, 18), (Left.LATER, 0)),
    ],
)
def test_the_words_say_the_time_that_is_really_left(now: datetime, words: tuple[Left, int]) -> None:
    assert time_left(START, now) == words


def test_tomorrow_is_by_the_day_on_the_wall() -> None:
    assert time_left(at(2027, 3, 28, 14), at(2027, 3, 27, 23))[0] == Left.TOMORROW
    assert wall_of(at(2026, 10, 25, 0, 30)).time() == time(0, 30)
    assert time_left(at(2026, 10, 25, 14), at(2026, 10, 25, 0, 30))[0] == Left.TODAY
