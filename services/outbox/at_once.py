"""Answers that this process says by itself right after they are kept: they are never claimed, only settled.

The row is put into the outbox as `sending`, in the unit of work of the deed, and handed to the speaker in memory once
that is kept. Whether it may go so soon is decided by the statement that puts it there: not in a halt, not before an
older message of its chat, not above its chat's pace. Else it waits like any other. After a crash it is what every
answer in `sending` is: said again when its lease runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from domain.pace import Pace
from services.outbox.envelopes import Envelope
from storage.outbox.at_once import Limits


class Slot(Protocol):
    """Room for one message in flight, taken before its row is there."""

    @property
    def landed(self) -> int:
        """The row of the same chat that has arrived and is not yet written down as said; 0: none."""

    def hold(self, row_id: int, envelope: Envelope, language: str) -> None:
        """The row is there, and not yet kept. language: that its reader reads."""

    def say(self) -> None:
        """It is kept: say it now."""

    def free(self) -> None:
        """It is not going to be said at once."""


class Mouth(Protocol):
    """The speaker of this process."""

    @property
    def owner(self) -> str:
        """The name under which it holds rows."""

    @property
    def pace(self) -> Pace:
        """The pace that it keeps to."""

    def slot(self, chat_tag: bytes) -> Slot | None:
        """Room for a message to this chat; None while there is none, or another one to it is on its way."""


LEASE = timedelta(seconds=7)  # what a process has under way that froze or died goes on so soon


def limits(pace: Pace, landed: int) -> Limits:
    """Above which pace of its chat a message waits; what has landed is not counted there yet."""
    before = pace.burst - 1 - bool(landed)
    return Limits(LEASE, pace.gap * before, pace.gap * pace.burst)


class Bell:
    """What this process's speaker is to those who put something into the outbox. Without one, nothing."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.ring: Callable[[], None] = lambda: None
        self.mouth: Mouth | None = None


bell = Bell()
