"""Screens are turned into JSON and back without a loss."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.screens import (
    Button,
    Day,
    Document,
    Listing,
    Moment,
    Money,
    Screen,
    Shut,
    Text,
    Value,
    Venue,
    Words,
    from_plain,
    to_plain,
)

names = st.text("abc._", min_size=1, max_size=6)
anything = st.text(max_size=12)
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
simple: st.SearchStrategy[Value] = st.one_of(
    anything,
    st.integers(),
    st.builds(Words, anything),
    st.builds(Day, st.dates()),
    st.builds(Moment, moments),
    st.builds(Money, st.integers()),
)


def texts(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Text]:
    counts = st.none() | st.integers(0, 200)
    return st.builds(Text, names, st.dictionaries(names, values, max_size=3), counts)


values = st.recursive(
    simple, lambda inner: texts(inner) | st.builds(Listing, st.lists(inner, max_size=3).map(tuple)), max_leaves=5
)
lines = st.lists(texts(values) | st.builds(Words, anything), max_size=3).map(tuple)
optional = st.none() | anything
buttons = st.builds(Button, values, answer=optional, go=optional, value=anything, url=optional)
screens = st.builds(
    Screen,
    lines,
    st.lists(st.lists(buttons, max_size=2).map(tuple), max_size=3).map(tuple),
    numbered=st.booleans(),
    serial=st.none() | st.integers(),
    ask_location=st.booleans(),
    document=st.none() | st.builds(Document, anything, anything),
    venue=st.none() | st.builds(Venue, st.floats(-90, 90), st.floats(-180, 180), anything, anything),
    picture=optional,
    shut=st.none() | st.builds(Shut, anything, anything),
)


@given(screens)
def test_a_screen_comes_back_from_json_as_it_was(screen: Screen) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(screen)))) == screen


@given(screens)
def test_what_is_at_its_default_takes_no_room(screen: Screen) -> None:
    plain = to_plain(screen)
    known = {"lines", "buttons", "numbered", "serial", "ask_location", "document", "venue", "picture", "shut"}
    assert set(plain) <= known
    assert not {None, False} & {value for value in plain.values() if isinstance(value, bool | None)}


def test_the_plainest_screen_is_its_lines_alone() -> None:
    assert to_plain(Screen((Words("hallo"),))) == {"lines": [{"words": "hallo"}]}


@pytest.mark.parametrize("line", ["a bare name", 3, {"day": "2026-11-21"}, {"unknown": 1}, None, [], {"day": "soon"}])
def test_a_line_that_no_screen_has_is_refused(line: object) -> None:
    with pytest.raises(ValueError, match=r"line|value|isoformat"):
        from_plain({"lines": [line]})


def test_lines_are_put_before_the_others() -> None:
    screen = Screen((Text("a.b.c"),), serial=4)
    assert screen.before(Words("x")) == Screen((Words("x"), Text("a.b.c")), serial=4)


def test_a_screen_knows_which_answers_it_offers() -> None:
    screen = Screen((), ((Button("ja", answer="yes"),), (Button("menu", go="menu"),)))
    assert screen.offers("yes")
    assert not screen.offers("menu")


def test_a_day_and_a_moment_keep_their_kind() -> None:
    values: dict[str, Value] = {"day": Day(date(2026, 11, 21)), "at": Moment(datetime(2026, 11, 21, 9, tzinfo=UTC))}
    screen = Screen((Text("a.b.c", values),))
    assert from_plain(to_plain(screen)) == screen
