"""A chat's own pace: five messages at once, then one a second."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.outbox import usable_until

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
GAP = timedelta(seconds=1)
BURST = 5


def sent(asked: list[float]) -> list[float]:
    """When messages that are asked for at these seconds may go, in seconds; each waits for the one before it."""
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
    """The same as a bucket of five tokens, into which one falls every second."""
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
