"""What a resident sees, as plain values: texts by key, values and buttons, never a finished sentence.

A Screen is sealed into the outbox and rendered only when it is sent, in the reader's language of that moment.
`to_plain` and `from_plain` turn it into JSON-able values and back; they are exact inverses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the catalogue: `deed.step.part`, its values, and the count that chooses its plural form.

    language: where given, the text is in this language, whatever the reader's is.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    count: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody's own words, shown as they are: escaped, in their own direction, never translated."""

    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """What staff wrote, by language. The reader gets their own language, else Dutch, else the first there is."""

    by_language: Mapping[str, str]

    def spoken(self, language: str) -> str:
        """The words for a reader of `language`; empty when nothing was written."""
        return next((words for one in (language, "nl", *self.by_language) if (words := self.by_language.get(one))), "")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in Europe/Amsterdam."""

    day: date


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware moment in UTC; shown in Europe/Amsterdam."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer cents of a euro."""

    cents: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values, joined as the language joins them ("a, b en c")."""

    items: tuple[Value, ...]


# What can be a paragraph of its own.
Line = Text | Words | Told
# A bare str is a name or a code that is the same in every language.
Value = str | int | Text | Words | Told | Day | Moment | Money | Listing


@dataclass(frozen=True, slots=True)
class Button:
    """One button. `answer` answers the running conversation; `go` names a deed, an action outside any conversation.

    `value` goes with `go`: an id, at most 40 characters of ASCII. `url` opens a page instead.
    """

    label: Value
    answer: str | None = None
    go: str | None = None
    value: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file for the reader: its name and its UTF-8 text."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Venue:
    """A place on the map, with its name and address; WGS84 degrees. Such a message has no other text."""

    latitude: float
    longitude: float
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Shut:
    """A whole screen, sealed under a key of one voting round that no backup holds (services/budget/shut_screens.py)."""

    round_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: paragraphs, rows of buttons, and what may go with them.

    `numbered` puts 1. 2. 3. before the choices, so that they can be typed. `serial` is set by the conversation:
    a press that carries another serial is stale. `ask_location` shows a key that shares the phone's place.
    `picture`: the id of a plan whose photo stands above the text. `shut`: a sealed screen that is shown instead, as
    long as its key exists.
    """

    lines: tuple[Line, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    numbered: bool = False
    serial: int | None = None
    ask_location: bool = False
    document: Document | None = None
    venue: Venue | None = None
    picture: str | None = None
    shut: Shut | None = None

    def before(self, *lines: Line) -> Screen:
        """The same screen with more lines above its own: a refusal, a piece of help."""
        return replace(self, lines=(*lines, *self.lines))

    def offers(self, answer: str) -> bool:
        """Whether one of the buttons gives this answer."""
        return any(button.answer == answer for row in self.buttons for button in row)


def own_words(value: Value) -> Iterator[str]:
    """The texts of all Words that a value holds, also inside a Text or a Listing."""
    match value:
        case Words(words):
            yield words
        case Text(_, values):
            for inner in values.values():
                yield from own_words(inner)
        case Listing(items):
            for inner in items:
                yield from own_words(inner)


def to_plain(screen: Screen) -> dict[str, Any]:
    """The screen as JSON-able values. Fields at their default are left out."""
    plain: dict[str, Any] = {"lines": [_plain_value(line) for line in screen.lines]}
    if screen.buttons:
        plain["buttons"] = [[_plain_button(button) for button in row] for row in screen.buttons]
    if screen.serial is not None:
        plain["serial"] = screen.serial
    if screen.numbered:
        plain["numbered"] = True
    if screen.ask_location:
        plain["ask_location"] = True
    if screen.document is not None:
        plain["document"] = [screen.document.name, screen.document.content]
    if screen.venue is not None:
        plain["venue"] = list(astuple(screen.venue))
    if screen.picture is not None:
        plain["picture"] = screen.picture
    if screen.shut is not None:
        plain["shut"] = [screen.shut.round_id, screen.shut.content]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Screen:
    """The screen that `to_plain` was given. Raises ValueError on values that no screen has."""
    lines = tuple(_line(line) for line in plain["lines"])
    document, shut = plain.get("document"), plain.get("shut")
    return Screen(
        lines=lines,
        buttons=tuple(tuple(_button(button) for button in row) for row in plain.get("buttons", ())),
        numbered=plain.get("numbered", False),
        serial=plain.get("serial"),
        ask_location=plain.get("ask_location", False),
        document=Document(*document) if document is not None else None,
        venue=Venue(*plain["venue"]) if "venue" in plain else None,
        picture=plain.get("picture"),
        shut=Shut(*shut) if shut is not None else None,
    )


def _line(plain: Any) -> Line:
    value = _value(plain)
    if not isinstance(value, Text | Words | Told):
        raise ValueError(f"a line is a Text, Words or Told, not {type(value).__name__}")
    return value


def _plain_button(button: Button) -> dict[str, Any]:
    plain: dict[str, Any] = {"label": _plain_value(button.label)}
    for name in ("answer", "go", "url"):
        if (given := getattr(button, name)) is not None:
            plain[name] = given
    if button.value:
        plain["value"] = button.value
    return plain


def _button(plain: Mapping[str, Any]) -> Button:
    return Button(**{**plain, "label": _value(plain["label"])})


def _plain_value(value: Value) -> Any:
    match value:
        case str() | int():
            return value
        case Text(key, values, count, language):
            plain = {"text": key, "with": {name: _plain_value(v) for name, v in values.items()}, "count": count}
            return {**plain, "in": language} if language else plain
        case Words(words):
            return {"words": words}
        case Told(by_language):
            return {"told": dict(by_language)}
        case Day(day):
            return {"day": day.isoformat()}
        case Moment(at):
            return {"at": at.isoformat()}
        case Money(cents):
            return {"cents": cents}
        case Listing(items):
            return {"list": [_plain_value(item) for item in items]}


def _value(plain: Any) -> Value:
    match plain:
        case str() | int():
            return plain
        case {"text": key, "with": values, "count": count}:
            return Text(key, {name: _value(v) for name, v in values.items()}, count, plain.get("in"))
        case {"words": words}:
            return Words(words)
        case {"told": by_language}:
            return Told(by_language)
        case {"day": day}:
            return Day(date.fromisoformat(day))
        case {"at": at}:
            return Moment(datetime.fromisoformat(at))
        case {"cents": cents}:
            return Money(cents)
        case {"list": items}:
            return Listing(tuple(_value(item) for item in items))
    raise ValueError("no value of a screen")
