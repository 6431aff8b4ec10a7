"""SQLite: units of work that wait for each other share one transaction, and so one write to the disk.

Each of them stands in a savepoint of its own: one that raises takes back its own part alone. They are all kept by one
COMMIT, and none of them is over before it: when it fails, all of them raise DatabaseAway and nothing was kept.
A group stays open only while the next of them is waiting already; whoever works alone ends it first.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.sealing import KeyRing
from storage.engine.away import DatabaseAway, Translated
from storage.engine.lending import Lender, Lent
from storage.engine.unit_of_work import UnitOfWork, begun, end

MOST = 16  # members of a group: the first of them waits for all


@dataclass(slots=True)
class _Group:
    """An open transaction. done: set when it was kept; raises DatabaseAway when it was not."""

    lent: Lent
    done: asyncio.Future[None]
    members: list[UnitOfWork] = field(default_factory=list)
    lost: bool = False

    def is_kept(self) -> None:
        """Tell everybody in it, also those who no longer wait."""
        for work in self.members:
            work.kept()
        self.done.set_result(None)

    def fails(self, error: DatabaseAway) -> None:
        """Tell everybody in it."""
        for work in self.members:
            work.lost()
        self.done.set_exception(error)
        self.done.exception()  # where nobody is left to hear it, that is no error


class Together:
    """The one writer of SQLite, for those who share a transaction and those who need one for themselves."""

    def __init__(self, lender: Lender, beginning: str, patience: float) -> None:
        """lender: of one connection · beginning: how a transaction begins · patience: seconds until one's turn."""
        self._lender, self._beginning, self._patience = lender, beginning, patience
        self._turn = asyncio.Lock()
        self._joining = 0  # who waits for a turn and would share
        self._open: _Group | None = None
        self._asides: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """The turn of somebody who works alone: what is open is kept first."""
        await self._my_turn()
        try:
            await self._keep()
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def begin(self, keys: KeyRing, now: Callable[[], datetime]) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work that shares its transaction. Raises DatabaseAway when that could not be kept."""
        await self._join()
        try:
            group = self._open = self._open or await self._begun()
            work = UnitOfWork(group.lent.connection, keys, now(), group.lent.driver)
            try:
                async with _member(group, work):
                    yield work
            finally:
                if group.lost or not self._joining or len(group.members) >= MOST:
                    await self._keep()
        finally:
            self._turn.release()
        await asyncio.shield(group.done)

    async def close(self) -> None:
        """End what is open."""
        async with self.alone():
            pass
        if self._asides:
            await asyncio.wait(self._asides)

    async def _my_turn(self) -> None:
        with Translated():
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()

    async def _join(self) -> None:
        self._joining += 1
        try:
            await self._my_turn()
        except BaseException:
            # A group may have been left open for us: somebody else has to end it.
            self._aside(self._end_for_who_left())
            raise
        finally:
            self._joining -= 1

    def _aside(self, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(act)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
        return task

    async def _end_for_who_left(self) -> None:
        async with self._turn:
            if not self._joining:
                await self._keep()

    async def _begun(self) -> _Group:
        with Translated():
            lent = await self._lender.take()
        try:
            await begun(lent, self._beginning)
        except BaseException:
            await self._lender.give_back(lent)
            raise
        return _Group(lent, asyncio.get_running_loop().create_future())

    async def _keep(self) -> None:
        """Commit what is open, and tell everybody in it, whoever of them is cancelled meanwhile."""
        group, self._open = self._open, None
        if group is not None:
            await asyncio.shield(self._aside(self._commit(group)))

    async def _commit(self, group: _Group) -> None:
        try:
            if group.lost:
                await end(group.lent, "ROLLBACK", forgot=False)
                raise DatabaseAway("the transaction was lost")
            await end(group.lent, "COMMIT", forgot=any(work.forgot for work in group.members))
        except DatabaseAway as error:
            group.fails(error)
        except BaseException as error:
            group.fails(DatabaseAway(type(error).__name__))
            raise
        else:
            group.is_kept()
        finally:
            await self._lender.give_back(group.lent)


@asynccontextmanager
async def _member(group: _Group, work: UnitOfWork) -> AsyncIterator[None]:
    """A savepoint: kept with the group, or taken back when the block raises."""
    with Translated():
        await work.driver.execute("SAVEPOINT member")
    try:
        yield
    except BaseException:
        try:
            # In the connection's thread, after whatever a cancelled call still does there.
            await work.driver.toil("ROLLBACK TO SAVEPOINT member")
            await work.driver.toil("RELEASE SAVEPOINT member")
        except sqlite3.Error:  # SQLite took back everything by itself, as it does when the disk is full
            group.lost = True
        work.lost()
        raise
    finally:
        group.lost = group.lost or not work.driver.in_transaction
    group.members.append(work)
    if group.lost:
        raise DatabaseAway("the transaction was lost")
    with Translated():
        await work.driver.execute("RELEASE SAVEPOINT member")
