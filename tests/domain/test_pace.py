"""A chat's own pace: five messages at once, then one a second; and the pace of bulk messages, 25 a second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pace import Pace, usable_until

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
GAP = timedelta(seconds=1)
BURST = 5


def sent(asked: list[float]) -> list[float]:
    """The seconds at which messages of one chat may go that are asked for at `asked`; each waits for the one before."""
    used: datetime | None = None
    went: list[float] = []
    for second in asked:
        now = NOW + timedelta(seconds=max([second, *went[-1:]]))
        at, _ = usable_until(used, now, BURST, GAP)
        _, used = usable_until(used, at, BURST, GAP)
        went.append((at - NOW).total_seconds())
    return went


def test_five_go_at_once_and_then_one_a_second() -> None:
    assert sent([0.0] * 8) == [0, 0, 0, 0, 0, 1, 2, 3]


def test_after_a_silence_five_may_go_again() -> None:
    assert sent([0.0] * 5 + [5.0] * 6) == [0] * 5 + [5] * 5 + [6]


def test_half_a_silence_gives_half_of_it_back() -> None:
    assert sent([0.0] * 5 + [2.0] * 3) == [0] * 5 + [2, 2, 3]


def by_a_bucket(asked: list[float]) -> list[float]:
    """The same by another rule: a bucket of five tokens, into which one falls every second."""
    tokens, last = float(BURST), 0.0
    went: list[float] = []
    for second in asked:
        now = max(second, last)
        tokens = min(BURST, tokens + now - last)
        last = now + max(0.0, 1 - tokens)
        tokens += last - now - 1
        went.append(last)
    return went


@given(st.lists(st.floats(0, 30), max_size=40).map(sorted))
def test_it_is_a_bucket_of_five_that_gets_one_a_second(asked: list[float]) -> None:
    assert sent(asked) == pytest.approx(by_a_bucket(asked), abs=1e-4)


# The pace of bulk messages ("the many")


def left(answers: list[float], seconds: float, step: float = 0.01) -> list[float]:
    """The seconds at which bulk messages leave, of an endless queue, while answers leave at the seconds `answers`."""
    pace, used, went = Pace(), None, list[float]()
    waiting = sorted(answers)
    for turn in range(int(seconds / step)):
        now = NOW + timedelta(seconds=turn * step)
        while waiting and waiting[0] <= turn * step:
            waiting.pop(0)
            used = pace.debt(used, now, 1)
        room = pace.room(used, now, 100)
        used = pace.debt(used, now, room) if room else used
        went += [turn * step] * room
    return went


def most_in_a_second(at: list[float]) -> int:
    """The most that leave within any one second."""
    return max(sum(start <= one < start + 1 for one in at) for start in at)


def test_of_the_many_twenty_five_leave_a_second_smoothly() -> None:
    went = left([], 10)
    assert 245 <= len(went) <= 252
    assert most_in_a_second(went) <= 26
    assert max(later - sooner for sooner, later in pairwise(went)) < 0.06


@given(st.lists(st.floats(0, 9), max_size=80))
def test_the_many_yield_to_answers(answers: list[float]) -> None:
    went = left(answers, 10)
    for start in {0.0, *went}:
        assert sum(start <= one < start + 1 for one in went) <= 26


def test_while_twenty_five_answers_a_second_go_nobody_else_does() -> None:
    went = left([turn / 50 for turn in range(500)], 10)
    assert len(went) <= 3


def test_after_a_burst_of_answers_the_many_go_on_within_a_second() -> None:
    went = left([5.0] * 1000, 10)
    assert not [at for at in went if 5.0 <= at < 5.9]
    assert min(at for at in went if at >= 5.9) < 6.1


def test_a_clock_that_was_put_back_holds_the_many_up_for_a_second_at_most() -> None:
    assert Pace().room(NOW + timedelta(days=1), NOW, 9) == 0
    used = Pace().debt(NOW + timedelta(days=1), NOW)
    assert Pace().room(used, NOW + timedelta(seconds=1), 9) == 2


def test_pacing_can_be_off() -> None:
    assert Pace(even_gap=timedelta(0)).room(NOW + timedelta(days=1), NOW, 9) == 9
