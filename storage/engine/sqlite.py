"""SQLite's one writing connection: within a transaction its statements run in the thread of the event loop.

aiosqlite hands every call over to a thread: some thirty hand-overs a tap, which cost ten times what SQLite takes.
Within a transaction nobody is waited for (`BEGIN IMMEDIATE` holds the lock) and a statement takes microseconds.
Calls that may take longer still go to the thread: the beginning, the commit and its write to the disk, a checkpoint,
and statements given to `toil`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


class Writer(aiosqlite.Connection):
    """aiosqlite's connection with fewer hand-overs to its thread."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **named: Any) -> Any:
        raw = self._conn
        if fn == raw.cursor or (raw.in_transaction and fn not in {raw.commit, raw.rollback}):
            return fn(*args, **named)
        return await super()._execute(fn, *args, **named)  # type: ignore[no-untyped-call]

    async def toil(self, sql: str) -> None:
        """Execute a statement in the connection's thread, also within a transaction."""
        await super()._execute(self._conn.execute, sql)  # type: ignore[no-untyped-call]


def connect_writer(database: str, **options: Any) -> Writer:
    """A connection as aiosqlite.connect gives it, to be awaited."""
    return Writer(partial(sqlite3.connect, database, **{**options, "check_same_thread": False}), 64)
