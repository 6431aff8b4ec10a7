"""News of the neighbourhood: opting in (where, how often), and the screens around it. Pure."""

from __future__ import annotations

from conversations.engine.answers import Again, Answer, Finish, Next, Outcome, Pinned, Tapped
from conversations.engine.choices import column
from conversations.engine.facts import Facts
from conversations.engine.flow import Flow, Step
from conversations.engine.state import State
from conversations.people.menu import MENU
from conversations.people.where import ask_where, take_where, ways_to_say
from domain.neighbourhoods import BY_CODE, containing, nearest
from domain.screens import Button, Screen, Text, Value

ALL, USUAL, FEWER = "all", "yes", "fewer"


def _ask_where(state: State, facts: Facts) -> Screen:
    if state.scratch:
        return ask_where(state, facts)
    rows = [Button(Text("news.button.all"), ALL), *ways_to_say(facts)]
    return Screen((Text("news.where.ask"), Text("news.where.how")), column(rows), numbered=True)


def _take_where(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    if isinstance(answer, Tapped) and answer.value == ALL:
        return Next({"neighbourhood": None})
    if isinstance(answer, Pinned):
        # Only the neighbourhood is kept, never the place itself.
        place = (answer.longitude, answer.latitude)
        found = containing(*place, facts.deployment.polygons) or nearest(*place)
        if found is None:
            return Again(notes=(Text("report.where.outside"),), scratch={})
        return Again(scratch={"codes": [found.code], "page": 0})
    outcome = take_where(state, answer, facts)
    if isinstance(outcome, Next):
        return Next({"neighbourhood": outcome.changes["neighbourhood"]}, outcome.notes)
    if isinstance(outcome, Again):
        # The name of a street is not kept here: ask which neighbourhood it is.
        said = tuple(note for note in outcome.notes if note.key != "report.where.street")
        unknown = () if said or outcome.scratch else (Text("report.where.unknown"),)
        return Again(notes=(*said, *unknown), scratch=outcome.scratch)
    return outcome


def _ask_often(state: State, _facts: Facts) -> Screen:
    rows = [Button(Text("news.button.usual"), USUAL), Button(Text("news.button.fewer_a_week"), FEWER)]
    return Screen(
        (Text("news.often.ask", {"where": where(state.answers.get("neighbourhood"))}),), column(rows), numbered=True
    )


def _take_often(_state: State, answer: Answer, _facts: Facts) -> Outcome | None:
    return Finish(answer.value) if isinstance(answer, Tapped) else None


NEWS = Flow("news", 1, (Step("where", _ask_where, _take_where), Step("often", _ask_often, _take_often)))


def where(neighbourhood: str | None) -> Value:
    """The name of the neighbourhood, or all of Nieuw-West."""
    return BY_CODE[neighbourhood].spoken if neighbourhood is not None else Text("news.where.all")


def chosen(neighbourhood: str | None, *, fewer: bool) -> Screen:
    """What the resident has chosen, with the ways to change it."""
    how_often = Text("news.often.fewer") if fewer else Text("news.often.usual")
    other = () if fewer else (Button(Text("news.button.fewer"), go="news_fewer"),)
    rows = (
        Button(Text("news.button.change"), go="news_choose"),
        *other,
        Button(Text("news.button.stop"), go="news_stop"),
    )
    lines = (Text("news.chosen.where", {"where": where(neighbourhood)}), how_often, Text("news.chosen.change"))
    return Screen(lines, column((*rows, MENU)), numbered=True)


def stopped() -> Screen:
    """After "stop": the resident gets no news any more."""
    rows = (Button(Text("news.button.again"), go="news_choose"), MENU)
    return Screen((Text("news.stopped.text"),), column(rows), numbered=True)


def test_is_over() -> Screen:
    """The answer to a one-time test link that was used before, or is too old."""
    return Screen((Text("news.test.over"),), ((MENU,),))
