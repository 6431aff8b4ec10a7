"""A due moment: what the clock asks, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.work import Work

Act = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ClockMoment:
    """What the clock asks, and how often (seconds). after_outage: asked before it when nobody had asked for long."""

    act: Act
    seconds: int
    after_outage: Act | None = None

    @property
    def name(self) -> str:
        """The name of what is asked."""
        return self.act.__name__
