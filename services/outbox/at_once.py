"""Answers that this process sends itself right after the commit: they are never claimed from the outbox, only settled.

The row is put into the outbox as `sending`, in the unit of work of the deed, and handed to the speaker in memory after
the commit. The statement that inserts it decides whether it may go so soon: not in a halt, not before an older message
of its chat, not above its chat's pace. Else it waits like any other row. After a crash it is treated like every answer
in `sending`: it is said again when its lease runs out.
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
        """The id of the chat's row that was sent and is not yet written down as said; 0: none."""

    def hold(self, row_id: int, envelope: Envelope, language: str) -> None:
        """Take the row, which is inserted and not yet committed. language: the reader's."""

    def say(self) -> None:
        """The row is committed: send it now."""

    def free(self) -> None:
        """Give the room back: the row is not sent at once."""


class Mouth(Protocol):
    """The speaker of this process (bot/speaking), as services know it."""

    @property
    def owner(self) -> str:
        """The name under which the speaker holds rows of the outbox."""

    @property
    def pace(self) -> Pace:
        """The pace that the speaker keeps to."""

    def slot(self, chat_tag: bytes) -> Slot | None:
        """Room for a message to this chat; None while there is no room, or another message to it is on its way."""


LEASE = timedelta(seconds=7)  # others take over the rows of a process that froze or died after this long


def limits(pace: Pace, landed: int) -> Limits:
    """The limits of a chat's pace above which a message waits. landed: as in Slot; that row is not counted yet."""
    before = pace.burst - 1 - bool(landed)
    return Limits(LEASE, pace.gap * before, pace.gap * pace.burst)


class Bell:
    """How code that fills the outbox reaches this process's speaker.

    ring: wakes the speaker, or does nothing where none runs here · mouth: the speaker, None where none runs here.
    """

    def __init__(self) -> None:
        """No speaker listens yet."""
        self.ring: Callable[[], None] = lambda: None
        self.mouth: Mouth | None = None


bell = Bell()
