"""Makes one running process visible: health port, watchdog, and a look at the database now and then for its numbers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

from bot.process import metrics
from bot.process.health import HealthPort
from bot.process.loops import LOOPS
from bot.process.readiness import free_bytes, halt_line, readiness, why_away
from bot.process.stopping import Rounds
from bot.process.watchdog import Watchdog
from bot.settings import Settings
from bot.wiring import House
from services.people import updates
from services.speaking import delivering
from services.work import DatabaseAway

VERSION = "0.1.0"  # as in pyproject.toml
_LOOK_EVERY = 5.0  # seconds
_SUM_EVERY = 60.0
_OLD = 60.0  # seconds: an answer that waits longer is logged, and again every so often
log = logging.getLogger("buurtstem.observer")


class Observer:
    """Watches one process. Making it opens its health port."""

    def __init__(self, settings: Settings, role: str) -> None:
        """role: the command that runs. Raises WrongSetting when the health port can't be had."""
        self._settings, self._role = settings, role
        self.health = HealthPort(settings, role)
        self._oldest: int | None = None
        self._oldest_since = 0.0
        self._told_age = 0.0
        self._looked = 0.0
        self._away = False
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def watching(self, house: House, end: Callable[[str], None]) -> AsyncIterator[None]:
        """Serve the health port, watch the loops and look at the database while the block runs.

        end: ends the program because of what hangs.
        """
        watchdog = Watchdog(self._settings.notify_socket, end=end)
        self.health.start(watchdog, partial(readiness, house.begin, self._settings))
        beating = asyncio.create_task(watchdog.run())
        looking = [asyncio.create_task(act) for act in (self._look_again(house), self._sum_again())]
        metrics.INFO.labels(VERSION, self._role).set(1)
        watchdog.tell("READY=1")
        log.info(
            "started: version %s, %s, %s, health port %d",
            VERSION, "SQLite" if house.database.is_sqlite else "PostgreSQL", self._way_in(), self.health.port,
        )  # fmt: skip
        try:
            yield
        finally:
            watchdog.tell("STOPPING=1")
            self._stopping.set()  # not cancelled: a cancelled statement looks like a database away
            await asyncio.wait(looking, timeout=_LOOK_EVERY)
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            self.health.close()

    def _way_in(self) -> str:
        """How this process gets updates, for the log."""
        listening = self._role in {"run", "listen" if self._settings.listen == "polling" else "web"}
        return f"listens by {self._settings.listen}" if listening else "does not listen to Telegram"

    async def _look_again(self, house: House) -> None:
        loop = asyncio.get_running_loop()
        self._looked = loop.time()
        async for _ in Rounds(self._stopping, _LOOK_EVERY):
            LOOPS.turned("observer")
            try:
                await self.look(house)
            except Exception as error:
                log.error("the numbers of /metrics could not be looked up", exc_info=error)
        LOOPS.ended("observer")

    async def look(self, house: House) -> None:
        """Look once, and set the series of /metrics that come from the database and the disk."""
        now = asyncio.get_running_loop().time()
        if self._away:
            metrics.DATABASE_AWAY.inc(now - self._looked)
        self._looked = now
        with suppress(OSError):
            metrics.DISK_FREE.set(free_bytes(self._settings.data_dir))
        try:
            async with house.database.reading() as work:
                waiting, oldest = await delivering.waiting(work), await delivering.oldest_answer(work)
                buried, halted = await updates.buried(work), await delivering.halted_for(work)
        except DatabaseAway as error:
            if not self._away:
                log.warning("%s", why_away(error))
            self._away = True
            metrics.DATABASE_UP.set(0)
            return
        if self._away:
            log.info("the database is back")
        self._away = False
        metrics.DATABASE_UP.set(1)
        for state in delivering.STATES:
            metrics.OUTBOX.labels(state).set(waiting.get(state, 0))
        metrics.DEAD_LETTERS.set(buried)
        metrics.HALT_LEFT.set(halted)
        metrics.QUEUE_AGE.set(self._age(oldest, now, halted))

    def _age(self, oldest: int | None, now: float, halted: float) -> float:
        """Seconds since the oldest answer was first seen waiting here: rows hold no time of their own."""
        if oldest is None or oldest != self._oldest:
            self._oldest, self._oldest_since, self._told_age = oldest, now, now
            return 0.0
        age = now - self._oldest_since
        if age > _OLD and now - self._told_age > _OLD:
            self._told_age = now
            why = halt_line(halted) if halted else "is Telegram away, does `work` run?"
            log.warning("the oldest answer waits for %d s already: %s", age, why)
        return age

    async def _sum_again(self) -> None:
        before, handled = metrics.sends(), metrics.handled()
        async for _ in Rounds(self._stopping, _SUM_EVERY):
            after, now_handled = metrics.sends(), metrics.handled()
            if line := summed(before, after, now_handled - handled):
                log.info("%s", line)
            before, handled = after, now_handled


def summed(before: Mapping[str, int], after: Mapping[str, int], taken: int) -> str:
    """What was sent and taken in a minute, in one line; empty when nothing was."""
    sent = [f"{after[fate] - before[fate]} {fate}" for fate in after if after[fate] > before[fate]]
    parts = [f"sent: {', '.join(sent)}"] if sent else []
    return "in the last minute " + "; ".join([*parts, f"taken: {taken} updates"]) if sent or taken else ""
