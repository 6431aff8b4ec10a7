"""Reporting a signal: the story first, then kind, where, when, and for discrimination who, why and help. Pure.

Texts that come while a choice is asked join the story; voice messages and photos are taken at every step: nobody has
to find the right moment. Nothing is kept for staff before "Send".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from conversations.engine.answers import Again, Answer, Next, Outcome, Spoken, Tapped, Typed
from conversations.engine.choices import choice, column
from conversations.engine.facts import Facts
from conversations.engine.flow import SUMMARY, Answers, Flow, Step, filled
from conversations.engine.state import State
from conversations.people.where import PLACE_LIMIT, ask_where, take_where
from conversations.signals.danger import points_to_danger
from conversations.signals.report_choices import ABOUTS, DAYS, HELPS, KINDS, ROLES, WHYS
from conversations.signals.report_summary import summary
from conversations.signals.story import add_voice, files_of, join, tell, words_of
from domain.neighbourhoods import BY_CODE
from domain.screens import Button, Day, Screen, Text, Value, Words, own_words
from domain.signals.workflow import PHOTO_LIMIT, About, Kind, Report, Role

# A long story comes as several messages: the later ones arrive while one of these steps is shown.
_STORY_GOES_ON = ("kind", "danger", SUMMARY)
_UNKNOWN, _NEXT, _SKIP = Text("screens.button.unknown"), Text("screens.button.next"), Text("screens.button.skip")


def report_of(answers: Answers, language: str) -> Report:
    """The report that `services.signals.reporting.report` keeps, from the answers of a conversation that was sent."""
    return Report(language=language, danger=points_to_danger(_own_words(answers)), **filled(REPORT, answers))


def _own_words(answers: Answers) -> str:
    """Everything that was typed, at any step, taken from what the steps tell."""
    return "\n".join(words for step in _STEPS for line in step.told(answers) for words in own_words(line))


def _ask_story(state: State, facts: Facts) -> Screen:
    if words := words_of(state.answers):
        return Screen((Text("report.story.again", {"next": _NEXT}), Words(words)))
    return Screen((Text("report.story.ask"), Text("report.story.how"), *facts.deployment.danger))


def _take_story(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Typed):
        told = join(state.answers, answer, afresh=True)
        return Next(told.changes) if told.changes else told
    if isinstance(answer, Spoken):
        heard = add_voice(state.answers, answer)
        return Next(heard.changes, heard.notes) if heard.changes else heard
    return None


def _ask_danger(state: State, facts: Facts) -> Screen:
    on = column([Button(Text("report.button.go_on"), "on")])
    return Screen((Text("report.danger.heard"), *facts.deployment.danger), on, numbered=True)


def _in_danger(state: State) -> bool:
    return not state.answers.get("danger_seen") and points_to_danger(_own_words(state.answers))


def _take_danger(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    return Next({"danger_seen": True}) if isinstance(answer, Tapped) else None


def _take_when(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Tapped):
        day = facts.today - timedelta(days=1 if answer.value == "yesterday" else 0)
        return Next({"when": {"day": day.isoformat()}})
    if isinstance(answer, Typed) and len(answer.text) <= PLACE_LIMIT:
        return Next({"when": {"words": answer.text}})
    return _too_long_or_voice(state, answer)


def _ask_place(state: State, facts: Facts) -> Screen:
    return Screen((Text("report.place.ask"),))


def _take_place(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Typed) and len(answer.text) <= PLACE_LIMIT:
        return Next({"place": answer.text})
    return _too_long_or_voice(state, answer)


def _take_why(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Tapped):
        return Next({"why": answer.value})
    if isinstance(answer, Typed) and len(answer.text) <= PLACE_LIMIT:
        return Next({"why": answer.text})
    return _too_long_or_voice(state, answer)


def _ask_photos(state: State, facts: Facts) -> Screen:
    kept = len(state.answers.get("photos", ()))
    rows = [Button(Text("screens.button.done"), "done")]
    if kept:
        rows.append(Button(Text("report.button.no_photos"), "none"))
    return Screen((Text("report.photos.ask", {"limit": PHOTO_LIMIT}),), column(rows), numbered=True)


def _take_photos(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if not isinstance(answer, Tapped):
        return None
    return Next({"photos": None} if answer.value == "none" else {})


def _too_long_or_voice(state: State, answer: Answer) -> Outcome | None:
    """For steps that ask for a few words: a voice message is taken instead, a long text is refused."""
    if isinstance(answer, Spoken):
        heard = add_voice(state.answers, answer)
        return Next(heard.changes, heard.notes) if heard.changes else heard
    if isinstance(answer, Typed):
        return Again(notes=(Text("report.place.too_long", {"length": len(answer.text), "limit": PLACE_LIMIT}),))
    return None


def _otherwise(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    """Keep words, voice messages and photos that come while something else is asked."""
    if isinstance(answer, Typed) and not (state.step in _STORY_GOES_ON and any(map(str.isalpha, answer.text))):
        return None
    return tell(state.answers, answer)


def _of_discrimination(answers: Answers) -> bool:
    return answers.get("kind") == Kind.DISCRIMINATION


def _only_changed(_state: State) -> bool:
    return False


def _linked(state: State) -> bool:
    return bool(state.answers.get("linked"))


def _tell_story(answers: Answers) -> Iterator[Text | Words]:
    if words := words_of(answers):
        yield Words(words)
    if voices := answers.get("voices"):
        yield Text("report.summary.voices", count=len(voices))
    if photos := answers.get("photos"):
        yield Text("report.summary.photos", count=len(photos))


def _tell_where(answers: Answers) -> Iterator[Text]:
    if code := answers.get("neighbourhood"):
        yield Text("report.summary.where", {"name": BY_CODE[code].spoken})
    if answers.get("pin"):
        yield Text("report.summary.exact")


def _tell_place(answers: Answers) -> Iterator[Text]:
    if place := answers.get("place"):
        yield Text("report.summary.place", {"place": Words(place)})


def _tell_when(answers: Answers) -> Iterator[Text]:
    if when := answers.get("when"):
        said: Value = Day(date.fromisoformat(when["day"])) if "day" in when else Words(when["words"])
        yield Text("report.summary.when", {"when": said})


def _tell_about(answers: Answers) -> Iterator[Text]:
    if about := answers.get("about"):
        yield Text("report.summary.about", {"about": Text(ABOUTS[about])})
        if about != About.NOBODY:
            yield Text("report.about.shut_out")


def _tell_why(answers: Answers) -> Iterator[Text]:
    if why := answers.get("why"):
        yield Text("report.summary.why", {"why": Text(WHYS[why]) if why in WHYS else Words(why)})


def _tell_chosen(name: str, key: str, labels: Mapping[str, str]) -> Callable[[Answers], Iterator[Text]]:
    """A `told` of a step: the label that was chosen, nothing where none was."""

    def tell_it(answers: Answers) -> Iterator[Text]:
        if chosen := answers.get(name):
            yield Text(key, {name: Text(labels[chosen])})

    return tell_it


_STEPS = (
    Step(
        "story",
        _ask_story,
        _take_story,
        skip=_NEXT,
        help=Text("report.story.help"),
        part=Text("report.button.story"),
        told=_tell_story,
        fills={"story": words_of, "given": files_of},
    ),
    Step("danger", _ask_danger, _take_danger, asked=_in_danger, urgent=True),
    choice(
        "kind",
        (Text("report.kind.ask"),),
        KINDS,
        skip=_UNKNOWN,
        part=Text("report.button.kind"),
        told=lambda answers: [Text("report.summary.kind", {"kind": Text(KINDS[answers.get("kind", Kind.OTHER)])})],
        on_top=True,
        fills={"kind": lambda answers: Kind(answers.get("kind", Kind.OTHER))},
    ),
    Step(
        "where",
        ask_where,
        take_where,
        asked=lambda state: not _linked(state),
        skip=_UNKNOWN,
        owns=("neighbourhood", "pin"),
        help=Text("report.where.help"),
        part=Text("report.button.where"),
        told=_tell_where,
        fills={
            "neighbourhood": lambda answers: answers.get("neighbourhood"),
            "point": lambda answers: tuple(answers["pin"]) if answers.get("pin") else None,
        },
    ),
    Step(
        "place",
        _ask_place,
        _take_place,
        asked=_only_changed,
        skip=_SKIP,
        owns=("place",),
        part=Text("report.button.place"),
        told=_tell_place,
        fills={"place": lambda answers: answers.get("place", "")},
    ),
    choice(
        "when",
        (Text("report.when.ask"), Text("report.when.how")),
        DAYS,
        skip=_UNKNOWN,
        take=_take_when,
        part=Text("report.button.when"),
        told=_tell_when,
        fills={"when": lambda answers: answers.get("when", {}).get("day") or answers.get("when", {}).get("words", "")},
    ),
    Step("photos", _ask_photos, _take_photos, asked=_only_changed, part=Text("report.button.photos")),
    choice(
        "role",
        (Text("report.role.ask"),),
        ROLES,
        skip=_SKIP,
        part=Text("report.button.role"),
        applies=_of_discrimination,
        told=_tell_chosen("role", "report.summary.role", ROLES),
        fills={"role": lambda answers: Role(answers.get("role", Role.VICTIM))},
    ),
    choice(
        "about",
        (Text("report.about.ask"), Text("report.about.how")),
        ABOUTS,
        skip=_UNKNOWN,
        part=Text("report.button.about"),
        applies=_of_discrimination,
        told=_tell_about,
        fills={"about": lambda answers: About(answers.get("about", About.NOBODY))},
    ),
    choice(
        "why",
        (Text("report.why.ask"), Text("report.why.how")),
        WHYS,
        skip=_UNKNOWN,
        take=_take_why,
        part=Text("report.button.why"),
        applies=_of_discrimination,
        told=_tell_why,
        fills={"why": lambda answers: answers.get("why", "")},
    ),
    choice(
        "help",
        (Text("report.help.ask"), Text("report.help.how")),
        HELPS,
        skip=_SKIP,
        part=Text("report.button.help"),
        applies=_of_discrimination,
        told=_tell_chosen("help", "report.summary.help", HELPS),
        fills={"wants_help": lambda answers: answers.get("help") == "help"},
    ),
)

REPORT = Flow("report", 1, (*_STEPS, summary(_STEPS)), otherwise=_otherwise, ready=lambda state: "kind" in state.trail)
