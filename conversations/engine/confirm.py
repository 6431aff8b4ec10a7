"""A question of yes or no, asked before something is done that can't be undone. Pure."""

from __future__ import annotations

from collections.abc import Callable

from conversations.engine.answers import Answer, Finish, Outcome, Tapped
from conversations.engine.choices import column
from conversations.engine.facts import Facts
from conversations.engine.flow import CANCELLED, Step
from conversations.engine.state import State
from domain.screens import Button, Screen, Text

YES = "yes"


def yes_or_no(question: Callable[[State], tuple[Text, ...]], yes: Text) -> Step:
    """A step that ends its conversation with YES, or cancels it."""
    # "No" stands first: somebody who taps without reading changes nothing.
    buttons = column([Button(Text("screens.button.no"), "no"), Button(yes, YES)])

    def ask(state: State, _facts: Facts) -> Screen:
        return Screen(question(state), buttons, numbered=True)

    def take(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
        if not isinstance(answer, Tapped):
            return None
        return Finish(YES if answer.value == YES else CANCELLED)

    return Step("sure", ask, take)
