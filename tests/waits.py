"""Detect waiting: a transaction for another's lock on PostgreSQL, or the event loop for a task that blocks it."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

from sqlalchemy import text

from storage.engine.database import Database

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def done_or_waiting(database: Database, task: asyncio.Task[Any]) -> bool:
    """Wait until a transaction waits for a lock (True) or the task has ended (False). TimeoutError after 30 s."""
    async with asyncio.timeout(30):
        while not task.done():
            async with database.begin() as work:
                if (await work.run(_WAITING)).scalar_one():
                    return True
            await asyncio.sleep(0.01)
    return False


class Heart:
    """Measures a block in seconds of processor time of the event loop's own thread, whatever else the machine does.

    longest: the most that was used between two turns of the event loop · took: the whole block.
    """

    def __init__(self) -> None:
        """Not beating yet."""
        self.longest = self.took = 0.0

    async def __aenter__(self) -> Heart:
        """Begin to beat."""
        gc.collect()
        gc.freeze()  # as the program does: what the tests have made so far is not looked through
        self._began = self._last = time.thread_time()
        self._beating = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        self._beating.cancel()
        gc.unfreeze()
        now = time.thread_time()
        self.longest, self.took = max(self.longest, now - self._last), now - self._began

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest, self._last = max(self.longest, now - self._last), now
