"""Keeps the parts of the program running: one that raises is logged, counted and started again after a pause."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.process.stopping import pause
from bot.settings import WrongSetting

_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_SOUND = 60.0  # seconds: a part that ran for so long is sound again, and its next pause is short
log = logging.getLogger("buurtstem")


class Supervisor:
    """Runs parts side by side. Only WrongSetting, which no new try can mend, ends a part for good.

    restarts: how often each part was started again, by its name; every part that was started has an entry.
    """

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.restarts: Counter[str] = Counter()
        self.tasks: list[asyncio.Task[None]] = []
        self._stops: list[Callable[[], object]] = []
        self._stopping = asyncio.Event()

    def start(self, name: str, run: Callable[[], Awaitable[None]], stop: Callable[[], object] | None = None) -> None:
        """Run a part until it returns.

        Args:
            name: What the part is called in logs and counts.
            run: Starts the part; may be called again after it raised, also when it is stopping.
            stop: Makes `run` return soon; without it the part is cancelled.
        """
        task = asyncio.create_task(self.keep(name, run))
        self.tasks.append(task)
        self._stops.append(stop or task.cancel)

    def stop(self) -> None:
        """Stop all parts that were started; wait for `tasks` afterwards."""
        self._stopping.set()
        for stop in self._stops:
            stop()

    async def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a part until it returns, again when it raises. Raises WrongSetting, and any error while we stop."""
        loop = asyncio.get_running_loop()
        self.restarts[name] += 0
        failed = 0
        while True:
            began = loop.time()
            try:
                await run()
                return
            except WrongSetting:
                raise
            except (Exception, asyncio.CancelledError) as error:
                task = asyncio.current_task()
                if self._stopping.is_set() or (task is not None and task.cancelling()):
                    raise
                failed = 0 if loop.time() - began > _SOUND else failed
                wait = _WAITS[min(failed, len(_WAITS) - 1)]
                log.critical("the part %s fell over; it starts again in %s s", name, wait, exc_info=error)
            await pause(self._stopping, wait)
            failed += 1
            self.restarts[name] += 1
