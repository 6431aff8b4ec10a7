"""What is kept of a chat between two updates: running conversations, and the screen that was shown last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from conversations.engine.state import State
from conversations.flows import FLOWS, QUESTIONS
from conversations.signals.story import tells_nothing
from domain.screens import Screen, from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Session:
    """The session of one chat. flows: the running conversations, the present one last; the others wait for it.

    shown: the last screen, where it was outside a conversation, so that its buttons can be typed · message: number of
    the message with the conversation's present screen, where a press changed it in place · wanted: deed and value that
    wait until language and warning are settled · neighbourhood: code, from the poster somebody came by · album: the
    album that the last photo or video was part of · refused: a part of that album was refused, and the reason told.
    """

    flows: tuple[State, ...] = ()
    shown: Screen | None = None
    message: int | None = None
    wanted: tuple[str, str] | None = None
    neighbourhood: str | None = None
    album: str | None = None
    refused: bool = False
    kept: tuple[Mapping[str, Any], ...] = ()

    @property
    def present(self) -> State | None:
        """The conversation that is being held."""
        return self.flows[-1] if self.flows else None

    def holding(self, state: State) -> Session:
        """This session with the conversation as the present one; an older one of its kind is left out."""
        others = tuple(one for one in self.flows if one.flow != state.flow)
        return replace(self, flows=(*others, state), shown=None)

    def without(self, flow: str) -> Session:
        """This session with no conversation of this kind."""
        return replace(self, flows=tuple(one for one in self.flows if one.flow != flow), message=None)

    def without_questions(self) -> Session:
        """This session without yes-or-no questions: doing something else answers them. One that holds words stays."""
        held = tuple(one for one in self.flows if one.flow not in QUESTIONS or not tells_nothing(one.answers))
        return self if held == self.flows else replace(self, flows=held, message=None)

    def to_plain(self) -> dict[str, Any]:
        """The session as JSON-able values; empty fields are left out."""
        plain = {
            "flows": [state.to_plain() for state in self.flows],
            "shown": to_plain(self.shown) if self.shown else None,
            "message": self.message,
            "wanted": list(self.wanted) if self.wanted else None,
            "neighbourhood": self.neighbourhood,
            "album": self.album,
            "refused": self.refused,
            "kept": list(self.kept),
        }
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any] | None) -> Session:
        """The session that `to_plain` gave; conversations that no longer exist are left out.

        Raises KeyError, TypeError or ValueError for a form that this version does not know.
        """
        if not plain:
            return cls()
        deed, value = plain.get("wanted") or (None, "")
        return cls(
            flows=tuple(State.from_plain(state) for state in plain.get("flows", ()) if state["flow"] in FLOWS),
            shown=from_plain(plain["shown"]) if "shown" in plain else None,
            message=plain.get("message"),
            wanted=(deed, value) if deed else None,
            neighbourhood=plain.get("neighbourhood"),
            album=plain.get("album"),
            refused=plain.get("refused", False),
            kept=tuple(plain.get("kept", ())),
        )
