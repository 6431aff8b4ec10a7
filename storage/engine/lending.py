"""Connections that stay open and are lent to one unit of work after another.

SQLAlchemy's pool makes a new connection object for every unit of work, runs its events and wraps the driver again: a
sixth of the time of a tap. Here a connection is opened through the pool once, and then kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class Lent:
    """A lent connection: SQLAlchemy's, and the driver's connection (asyncpg or our SQLite one) under it."""

    connection: AsyncConnection
    driver: Any

    @property
    def is_sound(self) -> bool:
        """Whether the connection can be used again: it was not closed or given up, and its server has not gone."""
        return not (self.connection.closed or self.connection.invalidated or _is_closed(self.driver))


def _is_closed(driver: Any) -> bool:
    asked = getattr(driver, "is_closed", None)  # SQLite's has none: a file does not go away
    return bool(asked and asked())


async def _close(lent: Lent) -> None:
    if not lent.is_sound:
        await lent.connection.invalidate()  # else closing it would try to end a transaction that is gone
    await lent.connection.close()


class Lender:
    """Lends the connections of one engine. First come, first served; the connection used last is lent first."""

    def __init__(self, engine: AsyncEngine, most: int, kept: int, patience: float) -> None:
        """Nothing is opened yet.

        Args:
            engine: An engine that leaves beginning and ending transactions to us.
            most: How many connections are lent at once, at most.
            kept: How many stay open while nobody uses them, at most.
            patience: How many seconds to wait for a free connection.
        """
        self._engine = engine
        self._room = asyncio.Semaphore(most)
        self._kept = kept
        self._patience = patience
        self._idle: list[Lent] = []

    async def take(self) -> Lent:
        """Lend a sound connection. Raises TimeoutError when none came free in time, or the driver's own error."""
        async with asyncio.timeout(self._patience):
            await self._room.acquire()
        try:
            while self._idle:
                lent = self._idle.pop()
                if lent.is_sound:
                    return lent
                await _close(lent)
            connection = await self._engine.connect()
            raw: Any = await connection.get_raw_connection()
            return Lent(connection, raw.driver_connection)
        except BaseException:
            self._room.release()
            raise

    async def give_back(self, lent: Lent) -> None:
        """Take a connection back: it is free for the next user, or closed when it is not sound or not needed."""
        try:
            if lent.is_sound and len(self._idle) < self._kept:
                self._idle.append(lent)
            else:
                await _close(lent)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Close the connections that nobody uses, and the engine."""
        while self._idle:
            await _close(self._idle.pop())
        await self._engine.dispose()
