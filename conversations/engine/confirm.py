"""What can't be undone is asked once more: withdraw, cut the line, reopen, erase everything. Pure."""

from __future__ import annotations

from collections.abc import Callable

from conversations.engine.answers import Answer, Finish, Next, Outcome, Photographed, Spoken, Tapped, Typed
from conversations.engine.choices import column
from conversations.engine.facts import Facts
from conversations.engine.flow import CANCELLED, Flow, Step
from conversations.engine.state import State
from conversations.engine.story import add_photo, add_voice, join
from domain.screens import Button, Screen, Text

YES = "yes"


def _yes_or_no(question: Callable[[State], tuple[Text, ...]], yes: Text) -> Step:
    # "No" stands first: who taps without reading changes nothing.
    buttons = column([Button(Text("screens.button.no"), "no"), Button(yes, YES)])

    def ask(state: State, _facts: Facts) -> Screen:
        return Screen(question(state), buttons, numbered=True)

    def take(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
        if not isinstance(answer, Tapped):
            return None
        return Finish(YES if answer.value == YES else CANCELLED)

    return Step("sure", ask, take)


def _ask_reason(state: State, facts: Facts) -> Screen:
    return Screen((Text("signals.reopen.reason"),))


def _take_reason(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    match answer:
        case Typed():
            said = join(state.answers, answer, afresh=True)
        case Spoken():
            said = add_voice(state.answers, answer)
        case Photographed():
            return add_photo(state.answers, answer)
        case _:
            return None
    return Next(said.changes) if said.changes else said


def _ask_cut(state: State) -> tuple[Text, ...]:
    return Text("signals.cut.ask"), Text("signals.cut.code", {"code": state.answers["code"]})


_SURE_TO_WITHDRAW = _yes_or_no(lambda _: (Text("signals.withdraw.ask"),), Text("signals.button.withdraw_yes"))
_SURE_TO_CUT = _yes_or_no(_ask_cut, Text("signals.button.cut_yes"))
_SURE_TO_REOPEN = _yes_or_no(lambda _: (Text("signals.reopen.ask"),), Text("signals.button.reopen_yes"))
_ERASE = (Text("people.erase.ask"), Text("people.erase.stays"))
_SURE_TO_ERASE = _yes_or_no(lambda _: _ERASE, Text("people.button.erase_yes"))
_REASON = Step(
    "reason", _ask_reason, _take_reason, skip=Text("screens.button.skip"), owns=("story", "voices", "photos")
)

WITHDRAW = Flow("withdraw", 1, (_SURE_TO_WITHDRAW,))
CUT_LINE = Flow("cut_line", 1, (_SURE_TO_CUT,))
REOPEN = Flow("reopen", 1, (_REASON, _SURE_TO_REOPEN))
ERASE = Flow("erase", 1, (_SURE_TO_ERASE,))
QUESTIONS = frozenset({WITHDRAW.name, CUT_LINE.name, REOPEN.name, ERASE.name})
