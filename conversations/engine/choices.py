"""Choices under a question: one button a row, six at most, more on further pages; and the step of a single choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conversations.engine.answers import Answer, Next, Outcome, Tapped
from conversations.engine.facts import Facts
from conversations.engine.flow import Step
from conversations.engine.state import State
from domain.screens import Button, Screen, Text

MOST = 6


def column(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """Each button in a row of its own."""
    return tuple((button,) for button in buttons)


def paged(question: Text, buttons: Sequence[Button], page: int) -> Screen:
    """At most six choices: all of them, or five and "more", which comes round to the first again."""
    if len(buttons) <= MOST:
        return Screen((question,), column(buttons), numbered=True)
    step = MOST - 1
    pages = -(-len(buttons) // step)
    here = page % pages
    shown = [*buttons[here * step : (here + 1) * step], Button(Text("screens.button.more"), "more")]
    position = Text("screens.page.position", {"page": here + 1, "pages": pages})
    return Screen((question, position), column(shown), numbered=True)


def choice(
    name: str,
    lines: tuple[Text, ...],
    labels: Mapping[str, str],
    *,
    skip: Text | None = None,
    take: Callable[[State, Answer, Facts], Outcome | None] | None = None,
    **more: Any,
) -> Step:
    """A step that asks for one of `labels` (value -> text key) and keeps it under the step's own name.

    more: other attributes of the step.
    """
    screen = Screen(lines, column([Button(Text(key), value) for value, key in labels.items()]), numbered=True)

    def chosen(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
        return Next({name: answer.value}) if isinstance(answer, Tapped) else None

    return Step(name, lambda _state, _facts: screen, take or chosen, skip=skip, owns=(name,), **more)
