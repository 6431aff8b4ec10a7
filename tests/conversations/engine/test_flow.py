"""The engine of conversations: the behaviour that all of them share."""

import json

import pytest

from conversations.engine.answers import Again, Answer, Finish, Next, Outcome, Tapped, Typed, Unusable
from conversations.engine.facts import Facts
from conversations.engine.flow import (
    BACK,
    CANCEL,
    CANCELLED,
    HELP,
    SKIP,
    SUMMARY,
    TO_SUMMARY,
    Flow,
    Step,
    advance,
    carried_on,
    is_stale,
    start,
)
from conversations.engine.state import Done, State
from domain.screens import Button, Screen, Text
from tests.conversations.told import FACTS, finished, keys, running


def _asks(name: str) -> Step:
    def take(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
        match answer:
            case Typed("again"):
                return Again(notes=(Text("screens.choice.hint"),))
            case Typed(text):
                return Next({name: text})
            case Tapped(value):
                return Next({name: value})
        return None

    buttons = ((Button("yes", "yes"),),)
    lines = (Text(f"screens.{name}.ask"),)
    return Step(name, lambda _s, _f: Screen(lines, buttons), take, skip=Text("screens.button.skip"), owns=(name,))


def _sends(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
    return Finish("sent") if isinstance(answer, Tapped) else None


LAST = Step(SUMMARY, lambda _s, _f: Screen((), ((Button("send", "send"),),)), _sends)
STEPS = (_asks("one"), _asks("two"), _asks("three"), LAST)
FLOW = Flow("trial", 1, STEPS, ready=lambda state: "one" in state.answers)


def test_steps_come_in_their_order_and_the_last_one_ends() -> None:
    assert [running(FLOW, *["x"] * n).step for n in range(4)] == ["one", "two", "three", SUMMARY]
    done = finished(FLOW, "a", "b", "yes", "send")
    assert (done.outcome, done.answers["one"], done.answers["two"], done.answers["three"]) == ("sent", "a", "b", "yes")


def test_back_keeps_what_was_answered() -> None:
    state = running(FLOW, "a", "b", BACK, BACK)
    assert state.step == "one"
    assert state.answers["two"] == "b"


def test_back_is_not_offered_on_the_first_step() -> None:
    assert not running(FLOW).screen.offers(BACK)


def test_skipping_takes_out_an_earlier_answer() -> None:
    state = running(FLOW, "a", "b", BACK, SKIP)
    assert "two" not in state.answers
    assert state.step == "three"


def test_cancel_ends_on_every_step() -> None:
    for before in ([], ["a"], ["a", "b"], ["a", "b", "c"]):
        assert finished(FLOW, *before, CANCEL).outcome == CANCELLED


def test_help_stands_above_the_same_question() -> None:
    state = running(FLOW, "a", HELP)
    assert keys(state) == ["screens.choice.hint", "screens.two.ask"]


def test_the_summary_can_be_gone_to_as_soon_as_there_is_enough() -> None:
    assert not running(FLOW).screen.offers(TO_SUMMARY)
    assert running(FLOW, "a", TO_SUMMARY).step == SUMMARY


def test_what_no_step_understands_is_refused_above_the_same_question() -> None:
    state = running(FLOW, "a", Unusable("sticker"))
    assert keys(state) == ["screens.unreadable.text", "screens.two.ask"]
    assert state.step == "two"


def test_a_stale_press_changes_nothing() -> None:
    state = running(FLOW, "a")
    old = Tapped("yes", state.serial - 1)
    assert is_stale(state, old)
    assert advance(FLOW, state, old, FACTS) is state


def test_a_value_that_the_screen_does_not_offer_changes_nothing() -> None:
    state = running(FLOW, "a")
    assert advance(FLOW, state, Tapped("no", state.serial), FACTS) is state


def test_buttons_of_another_conversation_are_stale() -> None:
    first, second = start(FLOW, "thread", FACTS, seed="one"), start(FLOW, "thread", FACTS, seed="two")
    assert is_stale(second, Tapped("yes", first.serial))


def test_a_state_survives_json() -> None:
    state = running(FLOW, "a", "again")
    assert State.from_plain(json.loads(json.dumps(state.to_plain()))) == state


@pytest.mark.parametrize("left", [("one", "three"), ("two", "three"), ("three",)])
def test_a_state_of_an_older_version_goes_on_with_all_its_answers(left: tuple[str, ...]) -> None:
    newer = Flow("trial", 2, tuple(step for step in STEPS if step.name in (*left, SUMMARY)))
    state = carried_on(newer, running(FLOW, "a", "b", BACK), FACTS)
    assert newer.step(state.step)
    assert (state.answers["one"], state.answers["two"]) == ("a", "b")
    assert state.version == 2
    after = advance(newer, state, Typed("c"), FACTS)
    assert not isinstance(after, Done)


def test_where_the_question_is_gone_the_one_before_it_is_asked_again() -> None:
    newer = Flow("trial", 2, tuple(step for step in STEPS if step.name != "three"))
    state = carried_on(newer, running(FLOW, "a", "b"), FACTS)
    assert (state.step, state.trail) == ("two", ("one",))


def test_a_press_on_a_screen_of_an_older_version_is_stale() -> None:
    newer = Flow("trial", 2, STEPS)
    old = running(FLOW, "a")
    state = advance(newer, old, Tapped("yes", old.serial), FACTS)
    assert isinstance(state, State)
    assert state.step == "two"
    assert "two" not in state.answers
