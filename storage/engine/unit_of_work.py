"""One unit of work = one transaction. The only file that commits.

Everything that one update or one request does stands in one unit of work: all of it is kept, or nothing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Connection, CursorResult, Executable, Table, func, select
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from domain.sealing import KeyRing
from domain.wall_clock import day_of
from storage.engine.away import DatabaseAway, Held, Translated
from storage.engine.in_one import from_arrays, in_one
from storage.engine.lending import Lender, Lent
from storage.engine.ready import Ready, ReadyAmong, ready_insert

LOCK_TIMEOUT = "8s"
Found = TypeVar("Found")
_Then = Callable[[Sequence[Any]], None]
LOG_DUE = "write-ahead log to be emptied"
BUSY_MILLISECONDS = 5000
_TOIL_SECONDS = 3600.0
_PAUSE_SECONDS = 120
_PORTION = 1000

_ready_insert = cache(ready_insert)
_CLOCK = Ready(lambda _: select(func.clock_timestamp()))


@dataclass(frozen=True, slots=True)
class _Late:
    """A statement that was put off, its values, and the function that gets the row that comes back."""

    ready: Ready
    values: dict[str, Any]
    then: _Then | None


class _OnlyLooked(Exception):
    """Ends a `part` that is rolled back although nothing went wrong."""


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction, the moment it began, and the keys.

    `now` is an aware UTC moment and the only clock that services know. `forgot` is set when a record's key was
    destroyed: SQLite's write-ahead log, which still holds the key, is then emptied as soon as nobody reads from it.
    `known` holds values by name that can't change before the work ends, so that each is read only once.
    """

    connection: AsyncConnection
    keys: KeyRing
    now: datetime
    driver: Any
    forgot: bool = False
    known: dict[str, Any] = field(default_factory=dict)
    _database_now: datetime | None = None
    _after: list[Callable[[], None]] = field(default_factory=list)
    _undone: list[Callable[[], None]] = field(default_factory=list)
    _late: list[_Late] = field(default_factory=list)

    async def run(
        self, statement: Executable, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Execute one statement. Raises DatabaseAway when the database is gone."""
        await self.flush()
        with Translated():
            return await self.connection.execute(statement, rows)

    async def look(self, at: Callable[[Connection], Found]) -> Found:
        """Call `at` with SQLAlchemy's connection, to see which tables there are for example. Raises DatabaseAway."""
        await self.flush()
        with Translated():
            return await self.connection.run_sync(at)

    async def add_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert any number of rows, all with the same columns, in their order. Raises DatabaseAway.

        Goes in portions: between two of them, other tasks get their turn.
        """
        for first in range(0, len(rows), _PORTION):
            portion = rows[first : first + _PORTION]
            if self.is_sqlite:
                await self.ask_each(_ready_insert(table), portion)
            else:  # one array a column, in one statement
                await self.flush()
                columns = [table.c[name] for name in portion[0]]
                with Translated():
                    await self.driver.execute(
                        from_arrays(table.name, columns), *([row[one.name] for row in portion] for one in columns)
                    )
            await asyncio.sleep(0)

    async def toil(self, statement: ClauseElement) -> None:
        """Run one slow statement: the time-out is an hour, and the event loop is not blocked. Raises DatabaseAway."""
        dialect = self.connection.dialect
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        await self.flush()
        with Translated():
            await (self.driver.toil(sql) if self.is_sqlite else self.driver.execute(sql, timeout=_TOIL_SECONDS))

    async def take_time(self) -> None:
        """Let this work be idle between statements for two minutes; by default PostgreSQL ends it after 5 seconds."""
        if not self.is_sqlite:
            with Translated():
                await self.driver.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_PAUSE_SECONDS}s'")

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A savepoint: when the block raises, it alone is rolled back with its locks, and the error goes on.

        When the database is away (DatabaseAway, but not Held), the whole work is lost.
        """
        await self.flush()
        known, after, undone = dict(self.known), len(self._after), len(self._undone)
        with Translated():
            await self.driver.execute("SAVEPOINT part")
        try:
            yield
            await self.flush()
        except Exception as error:
            self._late.clear()
            if isinstance(error, DatabaseAway) and not isinstance(error, Held):
                raise  # the whole work is lost
            with Translated():
                await self.driver.execute("ROLLBACK TO SAVEPOINT part")
                await self.driver.execute("RELEASE SAVEPOINT part")
            self.known = known  # a lock that was taken in it is gone too
            del self._after[after:]
            for act in self._undone[undone:]:
                act()
            del self._undone[undone:]
            raise
        with Translated():
            await self.driver.execute("RELEASE SAVEPOINT part")

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """A savepoint that is always rolled back: for a block that only looks, so that its locks are free again."""
        with suppress(_OnlyLooked):
            async with self.part():
                yield
                raise _OnlyLooked

    async def ask(self, ready: Ready, **values: Any) -> Sequence[Sequence[Any]]:
        """Execute a Ready statement, past SQLAlchemy, straight on the driver. Returns its rows. Raises DatabaseAway."""
        await self.flush()
        return await self._ask(ready, values)

    async def _ask(self, ready: Ready, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        form = ready.form(self.connection.dialect)
        arguments = form.arguments(values)
        with Translated():
            if self.is_sqlite:
                rows = await self.driver.execute_fetchall(form.sql, arguments)
            else:
                rows = await self.driver.fetch(form.sql, *arguments)
        return [form.row(row) for row in rows]

    async def ask_later(self, ready: Ready, then: _Then | None = None, **values: Any) -> None:
        """Execute a Ready statement that writes: on SQLite at once, on PostgreSQL later, as one with others like it.

        It is sent before any other statement and before the work ends. Statements that go together must not read what
        another of them writes. then: called with its one row once it was executed. Raises DatabaseAway.
        """
        if self.is_sqlite:
            _told(then, await self._ask(ready, values))
            return
        if any(ready is late.ready or (then and late.then) for late in self._late):
            await self.flush()
        self._late.append(_Late(ready, values, then))

    async def flush(self) -> None:
        """Send what was put off by `ask_later`, as one statement. Raises DatabaseAway."""
        if not self._late:
            return
        # The one that returns a row comes last: it is the main statement, the others stand before it in its WITH.
        late = sorted(self._late, key=lambda one: one.then is not None)
        self._late.clear()
        forms = [one.ready.form(self.connection.dialect) for one in late]
        arguments = [form.arguments(one.values) for form, one in zip(forms, late, strict=True)]
        with Translated():
            rows = await self.driver.fetch(in_one(tuple(form.sql for form in forms)), *chain(*arguments))
        _told(late[-1].then, [forms[-1].row(row) for row in rows])

    async def ask_among(self, ready: ReadyAmong, among: Collection[Any], **values: Any) -> Sequence[Sequence[Any]]:
        """Execute a ReadyAmong statement for the values in `among`. Returns its rows; none, unasked, for no values."""
        if not among:
            return []
        sized, filled = ready.filled(list(among))
        return await self.ask(sized, **values, **filled)

    async def ask_each(self, ready: Ready, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a Ready statement once for each row, all in one call of the driver. Raises DatabaseAway."""
        if not rows:
            return
        await self.flush()
        form = ready.form(self.connection.dialect)
        with Translated():
            await self.driver.executemany(form.sql, [form.arguments(dict(row)) for row in rows])

    def insert(self, table: type[SQLModel]) -> Any:
        """An INSERT that knows ON CONFLICT, in the words of the database in use."""
        target = table_of(table)
        return SqliteInsert(target) if self.is_sqlite else PostgresInsert(target)

    @property
    def today(self) -> date:
        """The day in Amsterdam, by which rows are dated and compared: the day of UTC begins an hour or two later."""
        return day_of(self.now)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.connection.dialect.name == "sqlite"

    async def database_now(self) -> datetime:
        """The database's clock (on SQLite: `now`), read once: leases and pace use it, so that all processes agree."""
        if self._database_now is None:
            self._database_now = self.now if self.is_sqlite else (await self.ask(_CLOCK))[0][0]
        return self._database_now

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do `act` once this work is kept; never when it is rolled back."""
        self._after.append(act)

    def after_rollback(self, act: Callable[[], None]) -> None:
        """Do `act` once this work, or the `part` that asked for it, is rolled back.

        When the connection is lost during the commit, nobody knows: `act` is done, though the work may be kept.
        """
        self._undone.append(act)

    def kept(self) -> None:
        """Called by the opener after the commit."""
        for act in self._after:
            act()

    def lost(self) -> None:
        """Called by the opener when nothing of it is kept."""
        for act in self._undone:
            act()


def _told(then: _Then | None, rows: Sequence[Sequence[Any]]) -> None:
    if then is not None:
        (row,) = rows
        then(row)


def table_of(table: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a SQLModel class: statements on it skip the ORM, which is several times slower."""
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found


@asynccontextmanager
async def open_unit(
    lender: Lender, keys: KeyRing, now: Callable[[], datetime], beginning: str
) -> AsyncIterator[UnitOfWork]:
    """Open a transaction; commit when the block ends well, roll back when it raises.

    beginning: the SQL that begins a transaction. Raises DatabaseAway.
    """
    with Translated():
        lent = await lender.take()
    work = UnitOfWork(lent.connection, keys, now(), lent.driver)
    try:
        await begun(lent, beginning)
        try:
            yield work
            await work.flush()
        except BaseException:
            await end(lent, "ROLLBACK", forgot=False)
            raise
        await end(lent, "COMMIT", forgot=work.forgot)
    except BaseException:
        work.lost()
        raise
    finally:
        await lender.give_back(lent)
    work.kept()


async def begun(lent: Lent, beginning: str) -> None:
    """Begin a transaction. Raises DatabaseAway."""
    async with _sound_or_gone(lent.connection):
        await lent.driver.execute(beginning)


async def end(lent: Lent, how: str, *, forgot: bool) -> None:
    """End a transaction by COMMIT or ROLLBACK. Raises DatabaseAway.

    forgot: a record's key was destroyed in it, so that SQLite's write-ahead log is to be emptied.
    """
    connection = lent.connection
    sqlite = connection.dialect.name == "sqlite"
    async with _sound_or_gone(connection):
        if not sqlite:
            await lent.driver.execute(how)
        elif how == "COMMIT":  # its write to the disk is for the connection's thread, see storage/engine/sqlite.py
            await lent.driver.commit()
        else:
            await lent.driver.rollback()
    if sqlite and how == "COMMIT" and (forgot or connection.info[LOG_DUE]):
        connection.info[LOG_DUE] = not await _log_emptied(lent.driver)


@asynccontextmanager
async def _sound_or_gone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Give up the connection when the block raises: one whose transaction could not begin or end is not lent again."""
    with Translated():
        try:
            yield
        except BaseException as error:
            await connection.invalidate(error)
            raise


async def _log_emptied(driver: Any) -> bool:
    """Copy SQLite's write-ahead log into the database and cut it to nothing. Outside a transaction only.

    It does not wait for readers: while one still reads from the log it returns False, and the next commit tries again.
    """
    try:
        await driver.execute_fetchall("PRAGMA busy_timeout=0")
        ((busy, _, _),) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        await driver.execute_fetchall(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    except sqlite3.Error:
        return False  # the work itself is kept
    return not busy
