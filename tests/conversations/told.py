"""Helpers for tests of conversations: facts, and a conversation after a resident's answers."""

from __future__ import annotations

from datetime import date

from conversations.engine.answers import Answer, Tapped, Typed
from conversations.engine.facts import Deployment, Facts
from conversations.engine.flow import Flow, advance, start
from conversations.engine.state import Done, State

FACTS = Facts(date(2026, 11, 21), Deployment("Stichting Voorbeeld", "020 555 0100"))


def told(flow: Flow, *answers: Answer | str, thread: str = "thread") -> State | Done:
    """The conversation after these answers; a str is a press if the screen offers it, else a typed text."""
    state: State | Done = start(flow, thread, FACTS, {"signal": "signal", "code": "SNW-2345-6789"})
    for answer in answers:
        assert isinstance(state, State), f"the conversation had ended before {answer}"
        state = advance(flow, state, as_answer(state, answer), FACTS)
    return state


def running(flow: Flow, *answers: Answer | str) -> State:
    """The conversation after these answers, which must not have ended."""
    state = told(flow, *answers)
    assert isinstance(state, State), "it has ended"
    return state


def finished(flow: Flow, *answers: Answer | str) -> Done:
    """The result of the conversation after these answers, which must have ended."""
    done = told(flow, *answers)
    assert isinstance(done, Done), f"it still asks {done.step!r}"
    return done


def as_answer(state: State, answer: Answer | str) -> Answer:
    """Turn a str into a press if the screen offers it, else into a typed text; an Answer stays as it is."""
    if not isinstance(answer, str):
        return answer
    return Tapped(answer, state.serial) if state.screen.offers(answer) else Typed(answer, 1)


def keys(state: State) -> list[str]:
    """The text keys of the screen's lines."""
    return [line.key for line in state.screen.lines if hasattr(line, "key")]
