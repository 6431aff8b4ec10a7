"""The summary of a report: everything that will be sent, "Send", and the way to change each part. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conversations.engine.answers import Again, Answer, ChangeStep, Finish, Outcome, Tapped
from conversations.engine.choices import paged
from conversations.engine.facts import Deployment, Facts
from conversations.engine.flow import SUMMARY, Step
from conversations.engine.state import State
from conversations.signals.story import tells_nothing
from domain.neighbourhoods import BY_CODE
from domain.screens import Button, Screen, Text
from domain.signals.workflow import About, Kind
from domain.staff.promises import ReportReader, reader

SENT = "sent"
SEND = Text("screens.button.send")


def summary(steps: Sequence[Step]) -> Step:
    """The last step: everything that these steps have to tell, "Send", and the way to change each."""

    def ask(state: State, facts: Facts) -> Screen:
        here = [step for step in steps if step.applies(state.answers)]
        if "parts" in state.scratch:
            named = ((step.part, step.name) for step in here)
            parts = [Button(part, f"part.{name}") for part, name in named if part is not None]
            return paged(Text("report.summary.which"), parts, state.scratch["page"])
        told = [line for step in sorted(here, key=lambda step: not step.on_top) for line in step.told(state.answers)]
        lines = (
            Text("report.summary.check"), *told, *_who_reads(state.answers, facts), Text("people.warning.staff"),
        )  # fmt: skip
        return Screen(lines, _BUTTONS, numbered=True)

    return Step(SUMMARY, ask, _take, help=Text("report.summary.how", {"send": SEND}))


_BUTTONS = (
    (Button(SEND, "send"),),
    (Button(Text("report.button.add_photos"), "part.photos"), Button(Text("screens.button.change"), "parts")),
)


def _take(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    """Send, or change a part."""
    if not isinstance(answer, Tapped):
        return None
    match answer.value.partition("."):
        case ("send", _, _) if tells_nothing(state.answers):
            return Again(notes=(Text("report.summary.empty"),))
        case ("send", _, _):
            return Finish(SENT)
        case ("parts", _, _):
            return Again(scratch={"parts": True, "page": 0})
        case ("more", _, _):
            return Again(scratch={**state.scratch, "page": state.scratch["page"] + 1})
        case (_, _, step):
            return ChangeStep(step)
    return None


def _who_reads(answers: Any, facts: Facts) -> Iterator[Text]:
    if facts.staff is not None:
        kind, about = Kind(answers.get("kind", Kind.OTHER)), About(answers.get("about", About.NOBODY))
        about = about if kind == Kind.DISCRIMINATION else About.NOBODY
        found = BY_CODE.get(answers.get("neighbourhood", ""))
        yield who_reads(reader(facts.staff, kind, found.area if found else None, about), facts.deployment)


def who_reads(found: ReportReader, deployment: Deployment) -> Text:
    """Who reads a report, or that nobody does and where else the resident can go."""
    return Text(f"report.reader.{found}", deployment.elsewhere)
