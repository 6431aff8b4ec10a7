"""Adding to a signal that was sent: words, voice messages, photos, and then "Send". Pure."""

from __future__ import annotations

from conversations.engine.answers import Again, Answer, Finish, Outcome, Tapped, Typed
from conversations.engine.choices import column
from conversations.engine.facts import Facts
from conversations.engine.flow import Flow, Step
from conversations.engine.state import State
from conversations.signals.danger import whom_to_call
from conversations.signals.story import tell, tells_nothing, words_of
from domain.screens import Button, Screen, Text, Words

SENT = "sent"
_SEND = Text("screens.button.send")


def _ask(state: State, facts: Facts) -> Screen:
    if tells_nothing(state.answers):
        return Screen((Text("signals.add.ask"), Text("screens.voice.welcome")))
    words = words_of(state.answers)
    told = (Words(words),) if words else ()
    danger = whom_to_call(words, facts.deployment)
    lines = (*danger, Text("signals.add.check", {"send": _SEND}), *told)
    return Screen(lines, column([Button(_SEND, "send")]), numbered=True)


def _take(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Tapped):
        return Finish(SENT)
    told = tell(state.answers, answer)
    # The words that were joined stand on the screen: no note is needed.
    return Again(told.changes) if told and told.changes and isinstance(answer, Typed) else told


ADD = Flow("add", 1, (Step("words", _ask, _take, help=Text("signals.add.help", {"send": _SEND})),))
