"""The clock on the wall: an hour that it skips, an hour that it shows twice, and moments to its hours and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wall_clock import NoSuchHour, comes_twice, day_of, midnight_before, moment_of, wall_of


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def test_an_hour_that_the_clock_skips_is_refused() -> None:
    for minute in (0, 30, 59):
        with pytest.raises(NoSuchHour):
            moment_of(wall(2027, 3, 28, 2, minute))
    assert moment_of(wall(2027, 3, 28, 1, 59)) == datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert moment_of(wall(2027, 3, 28, 3, 0)) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment_of(wall(2026, 10, 25, 2, 30)) == first
    around = [first + timedelta(hours=hours) for hours in (-1, 0, 1, 2)]
    assert [comes_twice(at) for at in around] == [False, True, False, False]


def test_the_first_hour_of_the_calendar_has_no_moment() -> None:
    with pytest.raises(OverflowError):
        moment_of(wall(1, 1, 1))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_the_wall_shows_leads_back_to_the_moment_or_to_the_same_hour_before(at: datetime) -> None:
    again = moment_of(wall_of(at))
    assert again == at or (comes_twice(again) and again == at - timedelta(hours=1))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_day_begins_at_its_midnight_and_not_a_moment_before(at: datetime) -> None:
    midnight = midnight_before(at)
    assert midnight <= at < midnight + timedelta(hours=25)
    assert day_of(midnight) == day_of(at) == day_of(midnight - timedelta(microseconds=1)) + timedelta(days=1)
