"""The RSVP to a meeting: with how many people the resident comes. Pure."""

from __future__ import annotations

from conversations.engine.answers import Answer, Finish, Outcome, Tapped
from conversations.engine.choices import column
from conversations.engine.facts import Facts
from conversations.engine.flow import Flow, Step
from conversations.engine.state import State
from domain.meetings.planning import MOST_PEOPLE
from domain.screens import Button, Screen, Text, Told

_BUTTONS = column(
    [Button(Text("meetings.button.people", count=number), str(number)) for number in range(1, MOST_PEOPLE + 1)]
)


def _ask(state: State, _facts: Facts) -> Screen:
    theme = Told(state.answers.get("theme", {}))
    return Screen((theme, Text("meetings.people.ask")), _BUTTONS, numbered=True)


def _take(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
    return Finish(answer.value) if isinstance(answer, Tapped) else None


# Its outcome is the number of people, as a str.
RSVP = Flow("rsvp", 1, (Step("people", _ask, _take),))
