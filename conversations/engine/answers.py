"""What a resident can answer with, and what a step makes of it: plain values, no Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.screens import Text


@dataclass(frozen=True, slots=True)
class Tapped:
    """A press of a button. `serial`: that of the screen with the button; None when its number or words were typed."""

    value: str
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A text. `ref` names the message, so that it can be corrected."""

    text: str
    ref: int | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A message that was changed after it was sent."""

    text: str
    ref: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A voice message: Telegram's file_id, its length in seconds, and the text that may stand under it."""

    file_id: str
    seconds: int
    caption: str = ""
    ref: int | None = None


@dataclass(frozen=True, slots=True)
class Photographed:
    """A photo, with the text that may stand under it. An album comes as several of these, with its name in each."""

    file_id: str
    caption: str = ""
    ref: int | None = None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Pinned:
    """A place on the map, WGS84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something that no question asks for: `contact`, `video`, `file` or `other`. album: the album that it came in.

    caption: the text that may stand under it, which counts like any other.
    """

    kind: str
    album: str | None = None
    caption: str = ""
    ref: int | None = None


Answer = Tapped | Typed | Corrected | Spoken | Photographed | Pinned | Unusable


def words_in(answer: Answer) -> str:
    """The words of an answer: what was typed, or stands under a photo, a voice message or something else; or ""."""
    match answer:
        case Typed(words) | Corrected(words):
            return words
        case Photographed(caption=words) | Spoken(caption=words) | Unusable(caption=words):
            return words
    return ""


@dataclass(frozen=True, slots=True)
class Next:
    """The step is done. `changes` go into the answers (None takes one out); `notes` stand above what comes next."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """The step is not done yet. `scratch`: where the resident is within the step; None leaves it as it is."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    scratch: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """Go from the summary to one step, and back to the summary after it."""

    step: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation ends with this outcome."""

    outcome: str


Outcome = Next | Again | ChangeStep | Finish
