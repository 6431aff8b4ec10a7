"""The summary of a report: everything that will be sent, "Send", and the way to change each part. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from conversations.engine.answers import Again, Answer, Change, Finish, Outcome, Tapped
from conversations.engine.choices import paged
from conversations.engine.facts import Facts, House
from conversations.engine.state import State
from conversations.engine.story import tells_nothing, words_of
from conversations.signals.report_choices import ABOUTS, HELPS, KINDS, PARTS, ROLES, WHYS
from domain.neighbourhoods import BY_CODE
from domain.screens import Button, Day, Screen, Text, Value, Words
from domain.signals.workflow import About, Kind
from domain.staff.promises import Reader, reader

SENT = "sent"
SEND = Text("screens.button.send")
# Photos are added with a button of their own; who, why and help are asked of discrimination only.
_ONLY_DISCRIMINATION = ("role", "about", "why", "help")


def ask_summary(state: State, facts: Facts) -> Screen:
    """All that was told, or the list of parts to change."""
    if "parts" in state.scratch:
        parts = [
            Button(Text(label), f"part.{step}")
            for step, label in PARTS.items()
            if step not in _ONLY_DISCRIMINATION or state.answers.get("kind") == Kind.DISCRIMINATION
        ]
        return paged(Text("report.summary.which"), parts, state.scratch["page"])
    buttons = (
        (Button(SEND, "send"),),
        (Button(Text("report.button.add_photos"), "part.photos"), Button(Text("screens.button.change"), "parts")),
    )
    lines = (
        Text("report.summary.check"),
        *_told(state.answers),
        *_who_reads(state.answers, facts),
        Text("people.warning.staff"),
    )
    return Screen(lines, buttons, numbered=True)


def take_summary(state: State, answer: Answer, facts: Facts) -> Outcome | None:
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
            return Change(step)
    return None


def _who_reads(answers: Any, facts: Facts) -> Iterator[Text]:
    if facts.staff is not None:
        kind, about = Kind(answers.get("kind", Kind.OTHER)), About(answers.get("about", About.NOBODY))
        about = about if kind == Kind.DISCRIMINATION else About.NOBODY
        found = BY_CODE.get(answers.get("neighbourhood", ""))
        yield who_reads(reader(facts.staff, kind, found.area if found else None, about), facts.house)


def who_reads(found: Reader, house: House) -> Text:
    """Who reads a report, or that nobody does and where else one can go."""
    return Text(f"report.reader.{found}", house.elsewhere)


def _told(answers: Any) -> Iterator[Text | Words]:
    yield Text("report.summary.kind", {"kind": Text(KINDS[answers.get("kind", Kind.OTHER)])})
    if words := words_of(answers):
        yield Words(words)
    if voices := answers.get("voices"):
        yield Text("report.summary.voices", count=len(voices))
    if photos := answers.get("photos"):
        yield Text("report.summary.photos", count=len(photos))
    yield from _where_and_when(answers)
    if answers.get("kind") == Kind.DISCRIMINATION:
        yield from _who_and_why(answers)


def _where_and_when(answers: Any) -> Iterator[Text]:
    if code := answers.get("neighbourhood"):
        yield Text("report.summary.where", {"name": BY_CODE[code].spoken})
    if answers.get("pin"):
        yield Text("report.summary.exact")
    if place := answers.get("place"):
        yield Text("report.summary.place", {"place": Words(place)})
    if when := answers.get("when"):
        yield Text("report.summary.when", {"when": _day_or_words(when)})


def _who_and_why(answers: Any) -> Iterator[Text]:
    if role := answers.get("role"):
        yield Text("report.summary.role", {"role": Text(ROLES[role])})
    if about := answers.get("about"):
        yield Text("report.summary.about", {"about": Text(ABOUTS[about])})
        if about != About.NOBODY:
            yield Text("report.about.shut_out")
    if why := answers.get("why"):
        yield Text("report.summary.why", {"why": Text(WHYS[why]) if why in WHYS else Words(why)})
    if wish := answers.get("help"):
        yield Text("report.summary.help", {"help": Text(HELPS[wish])})


def _day_or_words(when: dict[str, str]) -> Value:
    return Day(date.fromisoformat(when["day"])) if "day" in when else Words(when["words"])
