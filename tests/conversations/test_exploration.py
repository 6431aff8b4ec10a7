"""Every conversation explored at random: in each state that is reached, everything that can happen is tried."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.engine.answers import Answer, Corrected, Photographed, Pinned, Spoken, Tapped, Typed, Unusable
from conversations.engine.flow import (
    BACK,
    CANCEL,
    CANCELLED,
    HELP,
    NAVIGATION,
    SKIP,
    TO_SUMMARY,
    advance,
    carried_on,
    start,
)
from conversations.engine.state import Done, State
from conversations.flows import FLOWS
from domain.screens import Text
from handlers.chat.buttons import button_of
from handlers.telegram.render import MESSAGE_LIMIT, render
from locales.texts import LANGUAGES
from tests.conversations.told import FACTS

WORDS = ["Wildeman", "osdorp", "delflandplein", "Hoekenesgracht 12", "een mes", "ja", "7", "😀", "x" * 400, "x" * 2990]
ANSWERS: list[Answer] = [
    *(Typed(text, number) for number, text in enumerate(WORDS)),
    Corrected("anders", 0),
    Corrected("x" * 4000, 4),
    Spoken("voice", 10),
    Spoken("long voice", 400),
    Photographed("photo"),
    Photographed("photo", "met tekst", 50),
    Pinned(52.3621, 4.8013),
    Pinned(0.0, 0.0),
    Unusable("sticker"),
    Unusable("contact"),
]
# A move: one of the answers above, or the press of the n-th button of the screen.
MOVES = st.lists(st.one_of(st.sampled_from(ANSWERS), st.integers(0, 11)), max_size=30)
_EMPTY = Text("report.summary.empty")
GIVEN = {"signal": "signal", "code": "SNW-2345-6789"}


def _values(state: State) -> list[str]:
    return [button.answer or "" for row in state.screen.buttons for button in row]


def _moved(state: State, move: Answer | int) -> State | Done:
    if isinstance(move, int):
        # "Cancel" is tried in every state anyway; here it would only cut the walk short.
        values = [value for value in _values(state) if value != CANCEL]
        move = Tapped(values[move % len(values)], state.serial)
    return advance(FLOWS[state.flow], state, move, FACTS)


def _pressed(state: State, value: str) -> State | Done:
    return advance(FLOWS[state.flow], state, Tapped(value, state.serial), FACTS)


def _holds_everywhere(state: State) -> None:
    flow = FLOWS[state.flow]
    assert State.from_plain(json.loads(json.dumps(state.to_plain()))) == state
    cancelled = _pressed(state, CANCEL)
    assert cancelled == Done(CANCELLED, state.answers, state.thread)
    for stale in (Tapped(_values(state)[0], state.serial - 1), Tapped("no such value", state.serial)):
        assert advance(flow, state, stale, FACTS) is state
    for harmless in (Unusable("sticker"), Tapped(HELP, state.serial), Tapped(BACK, state.serial)):
        after = advance(flow, state, harmless, FACTS)
        assert isinstance(after, State)
        assert after.answers == state.answers
    newer = carried_on(replace(flow, version=flow.version + 1), state, FACTS)
    assert (newer.answers, newer.step) == (state.answers, state.step)


def _screen_is_right(state: State) -> None:
    choices = [value for value in _values(state) if value not in NAVIGATION]
    assert len(choices) <= 6
    assert len(_values(state)) == len(set(_values(state)))
    assert all(len(row) <= 3 for row in state.screen.buttons)
    for language in LANGUAGES:
        shown = render(state.screen, language)
        assert 0 < len(shown.html) <= MESSAGE_LIMIT * 6
        labels = [button["text"] for row in shown.keyboard for button in row]
        assert len(labels) == len(set(labels))
        assert all(len(button["callback_data"].encode()) <= 64 for row in shown.keyboard for button in row)


def _way_out(state: State) -> Done:
    """Go to the end of the conversation without "cancel"; fails when that takes more than 12 steps."""
    for _ in range(12):
        values = _values(state)
        choices = [value for value in values if value not in NAVIGATION]
        wanted = next((v for v in ("send", "yes", TO_SUMMARY, "on", "done", SKIP) if v in values), None)
        if wanted is None and state.step == "words":
            after = advance(FLOWS[state.flow], state, Typed("iets"), FACTS)
        else:
            after = _pressed(state, wanted or (BACK if BACK in values else choices[0]))
        if isinstance(after, Done):
            return after
        if after.step == "summary" and after.screen.lines[0] == _EMPTY:
            after = _moved(after, Typed("Er is iets gebeurd"))
        assert isinstance(after, State)
        state = after
    raise AssertionError(f"no way out of {state.step}: {_values(state)}")


@pytest.mark.parametrize("name", sorted(FLOWS))
@settings(max_examples=40)
@given(moves=MOVES)
def test_no_state_is_a_dead_end_and_none_loses_an_answer(name: str, moves: list[Answer | int]) -> None:
    state: State | Done = start(FLOWS[name], "thread", FACTS, GIVEN)
    for move in [*moves, Unusable("sticker")]:
        assert isinstance(state, State)
        _holds_everywhere(state)
        _screen_is_right(state)
        kept = dict(state.answers)
        after = _moved(state, move)
        if isinstance(after, Done):
            assert after.answers == kept
            return
        if not isinstance(move, int):
            # A place that is typed replaces the point on the map.
            moved = kept.get("neighbourhood") != after.answers.get("neighbourhood") or state.step == "where"
            assert set(kept) - set(after.answers) <= ({"pin"} if moved else set())
        state = after
    assert isinstance(state, State)
    assert _way_out(state).outcome in ("sent", "yes", "1")


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25)
@given(moves=MOVES)
def test_a_button_can_be_typed_in_any_language_by_its_words_or_its_number(
    language: str, moves: list[Answer | int]
) -> None:
    state: State | Done = start(FLOWS["report"], "thread", FACTS)
    for move in moves:
        assert isinstance(state, State)
        for row, shown in zip(state.screen.buttons, render(state.screen, language).keyboard, strict=True):
            for button, label in zip(row, shown, strict=True):
                assert button_of(label["text"], state.screen, "nl") == button
        after = _moved(state, move)
        if isinstance(after, Done):
            return
        state = after
