"""The loops that run as long as the process: each says at every turn by when it will turn again.

The watchdog, which looks from a thread of its own, finds the loops that did not.
"""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

# Seconds. More than waiting for a connection of the pool and a statement that the database never answers.
WITHIN = 120.0


class Loops:
    """When each loop must have turned again.

    now: seconds that this process was awake. The watchdog moves it on: a machine that slept makes no loop late.
    """

    def __init__(self) -> None:
        """No loop has turned yet."""
        self.now = 0.0
        self._due: dict[str, float] = {}
        self._tasks: dict[str, asyncio.Task[Any] | None] = {}

    def turned(self, name: str, within: float = WITHIN) -> None:
        """Note that a loop turned; it must turn again within `within` seconds."""
        self._tasks[name] = asyncio.current_task()
        self._due[name] = self.now + within

    def ended(self, name: str) -> None:
        """Note that a loop came to its end; it need not turn any more."""
        self._due.pop(name, None)
        self._tasks.pop(name, None)

    def late(self) -> str | None:
        """The loop that has been late the longest; None when all are in time."""
        due, name = min(((due, name) for name, due in self._due.copy().items()), default=(self.now, None))
        return name if due < self.now else None

    def place(self, name: str) -> str:
        """Where a loop waits, innermost first: files, lines and functions, never a value."""
        task, frames = self._tasks.get(name), []
        waits: Any = task.get_coro() if task else None
        while waits is not None:
            frame: FrameType | None = getattr(waits, "cr_frame", None) or getattr(waits, "ag_frame", None)
            frames += [(frame, frame.f_lineno)] if frame else []
            waits = getattr(waits, "cr_await", None) or getattr(waits, "ag_await", None)
        return written(traceback.StackSummary.extract(iter(frames), lookup_lines=False))


def written(stack: traceback.StackSummary) -> str:
    """A stack in one line, innermost first."""
    return " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(stack[-12:]))


LOOPS = Loops()  # of this process
