"""Notices that the event loop or one of our loops hangs: a task beats, and a thread looks whether it does.

A hang is logged, the health port tells it, and the process is ended: whatever supervises it starts it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

from bot.process import metrics
from bot.process.loops import LOOPS, Loops, written

EVENT_LOOP = "event loop"
_BEAT = 0.25  # seconds
HUNG_AFTER = 10  # looks in a row without a beat
ENDED_AFTER = 30  # looks at a hang before the process is ended at once
_LOOK = 1.0  # seconds between two looks
log = logging.getLogger("buurtstem.watchdog")


def _leave() -> None:
    os._exit(1)


class Watchdog:
    """Watches the loop of the thread that makes it, and our loops in it. `hung` names what hangs.

    The thread counts its own looks, not time, so that a process that was stopped and goes on, or a machine that slept,
    does not count as a hang.
    """

    def __init__(
        self,
        notify: str = "",
        *,
        end: Callable[[str], None] | None = None,
        leave: Callable[[], None] = _leave,
        loops: Loops = LOOPS,
        hung_after: int = HUNG_AFTER,
        look: float = _LOOK,
    ) -> None:
        """Look at nothing yet.

        Args:
            notify: systemd's socket, which hears of every look at which all is well.
            end: Ends the program in order, because of what hangs; called in the event loop.
            leave: Ends the process at once, when it did not end in order.
            loops: What has to turn beside the event loop.
            hung_after: Looks without a turn of the event loop.
            look: Seconds between two looks.
        """
        self.hung = ""
        self._notify, self._end, self._leave, self._loops = notify, end, leave, loops
        self._hung_after, self._look = hung_after, look
        self._beats = 0
        self._ended = threading.Event()
        self._loop_thread = threading.get_ident()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    async def run(self) -> None:
        """Beat until cancelled, and measure how late each beat is."""
        loop = self._loop = asyncio.get_running_loop()
        self._thread.start()
        try:
            while True:
                due = loop.time() + _BEAT
                await asyncio.sleep(_BEAT)
                metrics.LOOP_LAG.observe(max(0.0, loop.time() - due))
                self._beats += 1
        finally:
            self._ended.set()

    def tell(self, words: str) -> None:
        """Tell systemd, where it listens: READY=1, WATCHDOG=1, STOPPING=1 (sd_notify(3))."""
        if not self._notify:
            return
        address = f"\0{self._notify[1:]}" if self._notify.startswith("@") else self._notify
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.sendto(words.encode(), address)

    def _watch(self) -> None:
        seen, still, bad = self._beats, 0, 0
        while not self._ended.wait(self._look):
            self._loops.now += self._look
            still = 0 if self._beats != seen else still + 1
            seen = self._beats
            hung = EVENT_LOOP if still >= self._hung_after else self._loops.late() or ""
            if hung != self.hung:
                self._set(hung)
            bad = bad + 1 if hung else 0
            if bad == ENDED_AFTER:
                self._say(logging.CRITICAL, "the %s hangs still: this process ends at once, to be started again", hung)
                self._leave()
            if not hung and not still:
                self.tell("WATCHDOG=1")

    def _set(self, hung: str) -> None:
        before, self.hung = self.hung, hung
        if before:
            metrics.LOOP_HUNG.labels(before).set(0)
        if not hung:
            self._say(logging.WARNING, "the %s turns again", before)
            return
        metrics.LOOP_HUNG.labels(hung).set(1)
        place = self._stack() if hung == EVENT_LOOP else self._loops.place(hung)
        self._say(logging.CRITICAL, "the %s hangs; it stands at %s", hung, place or "an unknown place")
        if self._end is not None and self._loop is not None and hung != EVENT_LOOP:
            self._loop.call_soon_threadsafe(self._end, f"the {hung} hangs")

    def _say(self, level: int, line: str, *words: str) -> None:
        """Write to the log, but wait for it no longer than a look: the log itself may hang, such as on a full pipe."""
        telling = threading.Thread(target=log.log, args=(level, line, *words), name="watchdog says", daemon=True)
        telling.start()
        telling.join(self._look)

    def _stack(self) -> str:
        """Where the event loop's thread is, innermost first: files, lines and functions, never a value."""
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - the documented way
        return written(traceback.extract_stack(frame)) if frame else ""
