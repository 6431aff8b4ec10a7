"""When a meeting is, and who gets a place: wrong plans, the nights when the clock changes, the waiting line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.planning import (
    Details,
    MeetingPlan,
    WrongMeeting,
    details_json,
    details_of,
    fits,
    hours_of,
    let_in,
)
from domain.wall_clock import wall_of

NOW = datetime(2026, 10, 1, 10, tzinfo=UTC)
DETAILS = Details({"nl": "Open huis", "ar": "بيت مفتوح"}, "De Honingraat", "Osdorpplein 1", point=(52.36, 4.8))


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def plan(starts: datetime, ends: datetime, details: Details = DETAILS, capacity: int | None = 8) -> MeetingPlan:
    return MeetingPlan(details, starts, ends, capacity)


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    twice = hours_of(plan(wall(2026, 10, 25, 1), wall(2026, 10, 25, 2, 30)), NOW)
    assert twice == (datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


DAY = (wall(2026, 11, 28, 14), wall(2026, 11, 28, 16))


@pytest.mark.parametrize(
    ("given_plan", "why", "field"),
    [
        (plan(DAY[0], DAY[0]), "ends_before", "ends"),
        (plan(DAY[1], DAY[0]), "ends_before", "ends"),
        (plan(wall(2026, 9, 1, 14), wall(2026, 9, 1, 16)), "in_the_past", "starts"),
        (plan(*DAY, Details({"en": "Open house"}, "a", "b")), "no_theme", "theme_nl"),
        (plan(*DAY, Details({"nl": "x"}, "", "b")), "no_place", "place"),
        (plan(*DAY, Details({"nl": "x"}, "a", "")), "no_place", "address"),
        (plan(*DAY, Details({"nl": "x" * 61}, "a", "b")), "too_long", "theme_nl"),
        (plan(*DAY, Details({"nl": "x"}, "a" * 121, "b")), "too_long", "place"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b" * 121)), "too_long", "address"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", {"tr": "x" * 801})), "too_long", "about_tr"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", {}, {"ar": "x" * 801})), "too_long", "access_ar"),
        (plan(wall(9999, 12, 31, 22), wall(9999, 12, 31, 23, 30)), "too_far", "ends"),
        (plan(wall(2031, 10, 5, 10), wall(2031, 10, 5, 12, 1)), "too_far", "ends"),
        (plan(*DAY, capacity=0), "bad_capacity", "capacity"),
        (plan(*DAY, capacity=100_001), "bad_capacity", "capacity"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(91.0, 4.8))), "bad_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(float("nan"), 4.8))), "bad_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(4.8, 52.36))), "far_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(50.69, 4.8))), "far_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(53.61, 4.8))), "far_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(52.36, 3.29))), "far_point", "point"),
        (plan(*DAY, Details({"nl": "x"}, "a", "b", point=(52.36, 7.31))), "far_point", "point"),
        (plan(wall(2026, 10, 1, 12), wall(2026, 10, 1, 14)), "in_the_past", "starts"),
        (plan(DAY[0], wall(2026, 11, 29, 14, 1)), "lasts_too_long", "ends"),
        (plan(wall(2027, 3, 28, 2, 30), wall(2027, 3, 28, 5)), "no_such_hour", "starts"),
    ],
)
def test_a_plan_that_can_not_be_is_refused_and_says_why_and_where(
    given_plan: MeetingPlan, why: str, field: str
) -> None:
    with pytest.raises(WrongMeeting, match=f"^{why}$") as caught:
        hours_of(given_plan, NOW)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "given_plan",
    [
        plan(*DAY, Details({"nl": "x" * 60}, "a", "b")),
        plan(*DAY, Details({"nl": "x"}, "a" * 120, "b" * 120)),
        plan(*DAY, Details({"nl": "x"}, "a", "b", {"tr": "x" * 800}, {"ar": "x" * 800})),
        plan(*DAY, Details({"nl": "x"}, "a", "b", point=(50.7, 3.3))),
        plan(*DAY, Details({"nl": "x"}, "a", "b", point=(53.6, 7.3))),
        plan(*DAY, capacity=1),
        plan(*DAY, capacity=100_000),
        plan(*DAY, capacity=None),
        plan(wall(2026, 10, 1, 12, 1), wall(2026, 10, 1, 14)),
        plan(DAY[0], wall(2026, 11, 29, 14)),
        plan(wall(2031, 10, 5, 10), wall(2031, 10, 5, 12)),
    ],
)
def test_a_plan_may_go_as_far_as_each_limit(given_plan: MeetingPlan) -> None:
    assert [wall_of(moment) for moment in hours_of(given_plan, NOW)] == [given_plan.starts, given_plan.ends]


def test_details_come_back_as_they_were_kept() -> None:
    for details in (DETAILS, Details({"nl": "x"}, "a", "b", {"tr": "y"}, {"en": "z"})):
        assert details_of(details_json(details)) == details


@pytest.mark.parametrize(
    ("capacity", "taken", "line", "let"),
    [
        (20, 18, [2, 1], [0]),
        (20, 18, [3, 1], []),
        (20, 17, [1, 2, 1], [0, 1]),
        (None, 500, [6, 6], [0, 1]),
        (5, 9, [1], []),
        (5, 1, [6, 2, 6, 2, 1], [1, 3]),
    ],
)
def test_the_line_is_let_in_strictly_in_order(
    capacity: int | None, taken: int, line: list[int], let: list[int]
) -> None:
    assert let_in(capacity, taken, line) == let


@given(st.integers(1, 60), st.lists(st.integers(1, 6), max_size=40))
def test_never_more_people_than_there_is_room_for_and_nobody_waits_who_fits(capacity: int, line: list[int]) -> None:
    let = let_in(capacity, 0, line)
    taken = sum(line[number] for number in let)
    assert taken <= capacity
    left = [people for number, people in enumerate(line) if number not in let and people <= capacity]
    assert not left or not fits(capacity, taken, left[0])
