"""Connections that stay open and are lent to one unit of work after another.

SQLAlchemy's pool makes a new connection object for every unit of work, asks its events and wraps the driver anew: a
sixth of a tap. Here a connection is opened through it once, and then kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection and its driver's own."""

    connection: AsyncConnection
    driver: Any

    @property
    def is_sound(self) -> bool:
        """Whether it can be used again: it was not given up, and its server has not gone."""
        return not (self.connection.closed or self.connection.invalidated or _is_closed(self.driver))


def _is_closed(driver: Any) -> bool:
    asked = getattr(driver, "is_closed", None)  # SQLite's has none: a file does not go away
    return bool(asked and asked())


async def _close(lent: Lent) -> None:
    if not lent.is_sound:
        await lent.connection.invalidate()  # else it would be asked to end a transaction that it no longer has
    await lent.connection.close()


class Lender:
    """The connections of one engine. Who asks first is served first; the one used last is lent first."""

    def __init__(self, engine: AsyncEngine, most: int, kept: int, patience: float) -> None:
        """Nothing is opened yet.

        Args:
            engine: One that leaves beginning and ending of transactions to us.
            most: So many are lent at once.
            kept: So many stay open while nobody uses them.
            patience: Seconds that somebody waits for one.
        """
        self._engine = engine
        self._room = asyncio.Semaphore(most)
        self._kept = kept
        self._patience = patience
        self._idle: list[Lent] = []

    async def take(self) -> Lent:
        """A connection that is sound. Raises TimeoutError when none came free, and what the driver raises."""
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
        """It is free for the next one, or closed when it is not sound or one too many."""
        try:
            if lent.is_sound and len(self._idle) < self._kept:
                self._idle.append(lent)
            else:
                await _close(lent)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Close what nobody uses, and the engine."""
        while self._idle:
            await _close(self._idle.pop())
        await self._engine.dispose()
