"""Adding to a signal that was sent: words, voice messages, photos, and then "Send". Pure."""

from __future__ import annotations

from conversations.answers import Again, Answer, Corrected, Finish, Outcome, Photographed, Spoken, Tapped, Typed
from conversations.choices import column
from conversations.danger import points_to_danger
from conversations.facts import Facts
from conversations.flow import Flow, Step
from conversations.state import State
from conversations.story import add_photo, add_voice, correct, join, tells_nothing, words_of
from domain.screens import Button, Screen, Text, Words

SENT = "sent"
_SEND = Text("screens.button.send")


def _ask(state: State, facts: Facts) -> Screen:
    if tells_nothing(state.answers):
        return Screen((Text("signals.add.ask"), Text("screens.voice.welcome")))
    words = words_of(state.answers)
    told = (Words(words),) if words else ()
    danger = facts.house.danger if points_to_danger(words) else ()
    lines = (*danger, Text("signals.add.check", {"send": _SEND}), *told)
    return Screen(lines, column([Button(_SEND, "send")]), numbered=True)


def _take(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    match answer:
        case Tapped():
            return Finish(SENT)
        case Typed():
            joined = join(state.answers, answer)
            return Again(joined.changes) if joined.changes else joined
        case Corrected():
            return correct(state.answers, answer)
        case Spoken():
            return add_voice(state.answers, answer)
        case Photographed():
            return add_photo(state.answers, answer)
    return None


ADD = Flow("add", 1, (Step("words", _ask, _take, help=Text("signals.add.help", {"send": _SEND})),))
