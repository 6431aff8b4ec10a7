"""What comes in by a door: a channel such as Telegram, by which residents come and are answered.

A door has four parts. It understands: raw input -> Came. It renders: Screen and language -> a message. It sends:
bot/speaking has a sender for each door. And it says what it can carry: conversations/engine/fitting.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from conversations.engine.answers import Answer, Tapped
from domain.reach import Reach


@dataclass(frozen=True, slots=True)
class Went:
    """A button outside a conversation was pressed: the deed it names, and the deed's value."""

    deed: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Listened:
    """Somebody wants to hear the recording of the text with this key."""

    key: str


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A press of something that is no button of ours."""


@dataclass(frozen=True, slots=True)
class Came:
    """A message or a press of a resident, as their door understood it.

    Attributes:
        reach: Who it is from, and where they are answered.
        what: What was meant.
        language: The language of their app, a BCP 47 tag, where the door knows it.
        message: The number of the message on their phone: theirs, or the one whose button they pressed.
    """

    reach: Reach
    what: Answer | Went | Listened | Nonsense
    language: str | None = None
    message: int | None = None

    @property
    def pressed(self) -> bool:
        """Whether it was a press of a button."""
        return isinstance(self.what, Tapped | Went | Listened | Nonsense)
