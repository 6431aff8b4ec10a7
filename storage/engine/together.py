"""SQLite: units of work that wait for each other share one transaction, and so one write to the disk.

Each unit of work has a savepoint of its own: one that raises rolls back its own part alone. One COMMIT keeps them all,
and none of them returns before it: when it fails, all of them raise DatabaseAway and nothing was kept.
A group (the shared transaction) stays open only while the next unit of work is already waiting to join it; a unit of
work that needs a transaction for itself commits the open group first.
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

MOST = 16  # members of a group: the first of them returns only when all are done


@dataclass(slots=True)
class _Group:
    """An open transaction and the units of work in it. done: set once it is committed; raises DatabaseAway if not."""

    lent: Lent
    done: asyncio.Future[None]
    members: list[UnitOfWork] = field(default_factory=list)
    lost: bool = False

    def is_kept(self) -> None:
        """Tell every member that it is kept, also members that were cancelled and no longer wait for `done`."""
        for work in self.members:
            work.kept()
        self.done.set_result(None)

    def fails(self, error: DatabaseAway) -> None:
        """Tell every member that it is lost; those that wait for `done` raise the error."""
        for work in self.members:
            work.lost()
        self.done.set_exception(error)
        self.done.exception()  # reads it once: asyncio would log an error that no member waits for


class Together:
    """SQLite's one writing connection: for units of work that share a transaction, or that need one for themselves."""

    def __init__(self, lender: Lender, beginning: str, patience: float) -> None:
        """lender: of one connection · beginning: SQL that begins a transaction · patience: seconds to wait for it."""
        self._lender, self._beginning, self._patience = lender, beginning, patience
        self._turn = asyncio.Lock()
        self._joining = 0  # how many units of work wait for a turn and would share
        self._open: _Group | None = None
        self._asides: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold the writer alone; an open group is committed first. Raises DatabaseAway when no turn came in time."""
        await self._my_turn()
        try:
            await self._keep()
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def begin(self, keys: KeyRing, now: Callable[[], datetime]) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work that shares its transaction. Raises DatabaseAway when it can't begin or be committed."""
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
        """Commit the open group, and wait for commits that are still running."""
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
            # A group may have been left open for us to join: a task of its own has to commit it now.
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
        """Commit the open group and tell its members, even when the caller is cancelled meanwhile."""
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
    """A savepoint of one member: kept with the group, or rolled back alone when the block raises."""
    with Translated():
        await work.driver.execute("SAVEPOINT member")
    try:
        yield
    except BaseException:
        try:
            # In the connection's thread, so that it runs after any call that a cancelled task left there.
            await work.driver.toil("ROLLBACK TO SAVEPOINT member")
            await work.driver.toil("RELEASE SAVEPOINT member")
        except sqlite3.Error:  # SQLite rolled back the whole transaction by itself, as it does when the disk is full
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
