"""The questions that come before a signal is withdrawn, its line is cut, or it is reopened. Pure."""

from __future__ import annotations

from conversations.engine.answers import Answer, Next, Outcome, Photographed, Spoken, Typed
from conversations.engine.confirm import yes_or_no
from conversations.engine.facts import Facts
from conversations.engine.flow import Flow, Step
from conversations.engine.state import State
from conversations.signals.story import add_photo, add_voice, join
from domain.screens import Screen, Text


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


_SURE_TO_WITHDRAW = yes_or_no(lambda _: (Text("signals.withdraw.ask"),), Text("signals.button.withdraw_yes"))
_SURE_TO_CUT = yes_or_no(_ask_cut, Text("signals.button.cut_yes"))
_SURE_TO_REOPEN = yes_or_no(lambda _: (Text("signals.reopen.ask"),), Text("signals.button.reopen_yes"))
_REASON = Step(
    "reason", _ask_reason, _take_reason, skip=Text("screens.button.skip"), owns=("story", "voices", "photos")
)

WITHDRAW = Flow("withdraw", 1, (_SURE_TO_WITHDRAW,))
CUT_LINE = Flow("cut_line", 1, (_SURE_TO_CUT,))
REOPEN = Flow("reopen", 1, (_REASON, _SURE_TO_REOPEN))
