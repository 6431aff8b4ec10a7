"""Notices that the event loop hangs: a task that beats, and a thread that looks whether it does."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

from bot import metrics

_BEAT = 0.25  # seconds
HUNG_AFTER = 10  # looks in a row without a beat
_LOOK = 1.0  # seconds between two looks
log = logging.getLogger("buurtstem.watchdog")


class Watchdog:
    """Watches the loop of the thread that makes it. `hung` is whether the loop stands still.

    The thread counts its own looks, not time: a process that was stopped and goes on, or a machine that slept, is
    no loop that hangs.
    """

    def __init__(self, notify: str = "", *, hung_after: int = HUNG_AFTER, look: float = _LOOK) -> None:
        """notify: systemd's socket, which hears of every look with a beat · look: seconds."""
        self.hung = False
        self._notify, self._hung_after, self._look = notify, hung_after, look
        self._beats = 0
        self._ended = threading.Event()
        self._loop_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    async def run(self) -> None:
        """Beat until cancelled, and measure how late each beat is."""
        loop = asyncio.get_running_loop()
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
        seen, still = self._beats, 0
        while not self._ended.wait(self._look):
            still = 0 if self._beats != seen else still + 1
            seen = self._beats
            if still == self._hung_after:
                self._set(hung=True)
                log.critical("the event loop hangs: no turn for %d looks; it stands at %s", still, self._stack())
            elif self.hung and not still:
                self._set(hung=False)
                log.warning("the event loop turns again")
            if not still:
                self.tell("WATCHDOG=1")

    def _set(self, *, hung: bool) -> None:
        self.hung = hung
        metrics.LOOP_HUNG.set(hung)

    def _stack(self) -> str:
        """Where the loop's thread is, innermost first: files, lines and functions, never a value."""
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - the documented way
        frames = traceback.extract_stack(frame)[-12:] if frame else []
        return " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames))
