"""The state of a conversation between two answers, and its end: plain values, JSON-able, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.screens import Screen, from_plain, to_plain


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands. `scratch`: where it is within a step. `trail`: the steps before this one.

    `changing`: one part is being changed from the summary. `screen`: what was shown last, with its serial.
    """

    thread: str
    flow: str
    version: int
    step: str
    answers: Mapping[str, Any]
    serial: int
    trail: tuple[str, ...] = ()
    scratch: Mapping[str, Any] = field(default_factory=dict)
    changing: bool = False
    screen: Screen = field(default_factory=lambda: Screen(()))

    def to_plain(self) -> dict[str, Any]:
        """JSON-able values; `from_plain` is the inverse."""
        return {
            "thread": self.thread,
            "flow": self.flow,
            "version": self.version,
            "step": self.step,
            "answers": dict(self.answers),
            "serial": self.serial,
            "trail": list(self.trail),
            "scratch": dict(self.scratch),
            "changing": self.changing,
            "screen": to_plain(self.screen),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> State:
        """The state that `to_plain` was given. Raises KeyError, TypeError or ValueError on anything else."""
        return cls(**{**plain, "trail": tuple(plain["trail"]), "screen": from_plain(plain["screen"])})


@dataclass(frozen=True, slots=True)
class Done:
    """The end. `outcome`: `cancelled`, or that of a step's Finish. `answers`: everything that was given."""

    outcome: str
    answers: Mapping[str, Any]
    thread: str
