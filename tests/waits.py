"""Two transactions at once on PostgreSQL: wait until one of them stands before the other's lock."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from storage.database import Database

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def done_or_waiting(database: Database, task: asyncio.Task[Any]) -> bool:
    """Wait until the task waits for another transaction: True; or has ended without that: False."""
    async with asyncio.timeout(30):
        while not task.done():
            async with database.begin() as work:
                if (await work.run(_WAITING)).scalar_one():
                    return True
            await asyncio.sleep(0.01)
    return False
