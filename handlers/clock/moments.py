"""A clock moment: a job that the clock runs, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.work import Work

Act = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ClockMoment:
    """A job that the clock runs every so many seconds. after_outage: run before it when it had not run for long."""

    act: Act
    seconds: int
    after_outage: Act | None = None

    @property
    def name(self) -> str:
        """The name of the job: that of its function."""
        return self.act.__name__
