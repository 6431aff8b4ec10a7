"""Opting in to news: in two taps, by name, by list or by place; nothing more is kept than the neighbourhood."""

import pytest

from conversations.broadcasts.news import NEWS
from conversations.engine.answers import Pinned
from conversations.engine.state import Done
from tests.conversations.told import finished, keys, running


def test_two_taps_are_enough() -> None:
    assert finished(NEWS, "all", "yes") == Done("yes", finished(NEWS, "all", "yes").answers, "thread")
    assert "neighbourhood" not in finished(NEWS, "all", "fewer").answers
    assert finished(NEWS, "all", "fewer").outcome == "fewer"


@pytest.mark.parametrize(
    "answers", [("Wildeman",), ("list", "district.0", "at.FA01"), (Pinned(52.3621, 4.8013), "at.FK01")]
)
def test_a_neighbourhood_is_named_listed_or_pinned(answers: tuple[str | Pinned, ...]) -> None:
    done = finished(NEWS, *answers, "yes")
    assert done.answers["neighbourhood"] in ("FK01", "FA01")
    assert "pin" not in done.answers


def test_a_street_is_not_kept() -> None:
    state = running(NEWS, "Hoekenesgracht 12")
    assert not {"place", "neighbourhood"} & set(state.answers)
    assert keys(state)[0] == "report.where.unknown"


def test_a_place_elsewhere_is_asked_again() -> None:
    assert keys(running(NEWS, Pinned(0.0, 0.0)))[:2] == ["report.where.outside", "news.where.ask"]
