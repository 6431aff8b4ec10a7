"""The question "where was it": a neighbourhood by name, from the list, or by a place on the map. Pure.

Within the step the scratch says where the resident is: {} the question · `districts` the list of wijken ·
`codes` neighbourhoods to choose from · `locating` the key that shares the phone's place · `pin` a place to agree on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.engine.answers import Again, Answer, Next, Outcome, Pinned, Tapped, Typed
from conversations.engine.choices import column, paged
from conversations.engine.facts import Facts
from conversations.engine.state import State
from domain.neighbourhoods import BY_CODE, DISTRICTS, Neighbourhood, containing, in_district, nearest
from domain.places import find, is_bare_name, is_outside
from domain.screens import Button, Screen, Text

PLACE_LIMIT = 300
# What people type when they name a street or a house instead of a neighbourhood.
_STREET = re.compile(
    r"\d|straat|weg\b|laan\b|plein|hof\b|pad\b|kade\b|gracht|street|square|sokak|cadde|meydan|شارع|ساحة"
)


def ask_where(state: State, facts: Facts) -> Screen:
    """The question, or the part of it that the resident is in."""
    scratch = state.scratch
    if "districts" in scratch:
        rows = [Button(name, f"district.{number}") for number, name in enumerate(DISTRICTS)]
        return paged(Text("report.where.district"), rows, scratch["page"])
    if "codes" in scratch:
        rows = [Button(BY_CODE[code].spoken, f"at.{code}") for code in scratch["codes"]]
        return paged(Text("report.where.which"), rows, scratch["page"])
    if "locating" in scratch:
        return Screen((Text("report.where.locate"),), ask_location=True)
    if "pin" in scratch:
        return _agree(BY_CODE[scratch["code"]])
    return Screen((Text("report.where.ask"), Text("report.where.how")), column(ways_to_say(facts)), numbered=True)


def ways_to_say(facts: Facts) -> list[Button]:
    """The buttons by which a neighbourhood can be told without typing it, as far as the door allows."""
    share = [Button(Text("screens.button.location"), "locate")] if facts.places else []
    return [*share, Button(Text("report.button.list"), "list")]


def take_where(state: State, answer: Answer, facts: Facts) -> Outcome | None:
    """The neighbourhood that an answer gives, or the next question on the way to it; None for other answers."""
    match answer:
        case Tapped(value):
            return _tapped(state, value)
        case Pinned(latitude, longitude):
            return _pinned(longitude, latitude, facts)
        case Typed(text):
            return _typed(state, text)
    return None


def _tapped(state: State, value: str) -> Outcome:
    kind, _, rest = value.partition(".")
    match kind:
        case "locate":
            return Again(scratch={"locating": True})
        case "list":
            return Again(scratch={"districts": True, "page": 0})
        case "more":
            return Again(scratch={**state.scratch, "page": state.scratch["page"] + 1})
        case "district":
            return _choose(in_district(DISTRICTS[int(rest)]))
        case "at":
            return _at(rest)
        case "pin" if rest == "area":
            return _at(state.scratch["code"])
        case "pin" if rest == "exact":
            return _at(state.scratch["code"], state.scratch["pin"])
    return Again(scratch={})


def _pinned(longitude: float, latitude: float, facts: Facts) -> Outcome:
    found = containing(longitude, latitude, facts.deployment.polygons) or nearest(longitude, latitude)
    if found is None:
        return Again(notes=(Text("report.where.outside"),), scratch={})
    return Again(scratch={"pin": [longitude, latitude], "code": found.code})


def _typed(state: State, text: str) -> Outcome | None:
    """What was typed is written down where it says more than the neighbourhood alone, found or not."""
    found = find(text)
    place = "" if is_bare_name(text) else _with(state.answers.get("place", ""), text)
    kept = {"place": place} if place else {}
    if len(found) == 1:
        return _at(found[0].code, changes=kept)
    if found:
        return _choose(found, kept)
    if not any(map(str.isalpha, text)):
        return None
    written = (Text("report.where.street"),) if kept else ()
    if is_outside(text):
        return Again(kept, (Text("report.where.outside"), *written), {})
    unknown = () if kept and _STREET.search(text.casefold()) else (Text("report.where.unknown"),)
    return Again(kept, (*unknown, *written), {})


def _with(before: str, text: str) -> str:
    """What is written down of the place, with what was typed now; "" where it is too long."""
    whole = text if before in {"", text} else f"{before}, {text}"
    return next((words for words in (whole, text) if len(words) <= PLACE_LIMIT), "")


def _at(code: str, pin: list[float] | None = None, changes: Mapping[str, Any] | None = None) -> Next:
    noted = Text("report.where.noted", {"name": BY_CODE[code].spoken})
    return Next({"neighbourhood": code, "pin": pin, **(changes or {})}, (noted,))


def _choose(found: Sequence[Neighbourhood], changes: Mapping[str, Any] | None = None) -> Again:
    return Again(changes or {}, scratch={"codes": [one.code for one in found], "page": 0})


def _agree(found: Neighbourhood) -> Screen:
    rows = [
        Button(Text("report.button.pin_area"), "pin.area"),
        Button(Text("report.button.pin_exact"), "pin.exact"),
        Button(Text("report.button.pin_no"), "pin.no"),
    ]
    lines = (Text("report.where.pinned", {"name": found.spoken}), Text("report.where.exact"))
    return Screen(lines, column(rows), numbered=True)
