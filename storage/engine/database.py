"""The two databases: engines with the settings that measured best, and the migrations."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Thread
from time import CLOCK_BOOTTIME, clock_gettime
from typing import Any

import aiosqlite
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from domain.sealing import KeyRing
from storage.engine.away import DatabaseAway
from storage.engine.lending import Lender
from storage.engine.sqlite import connect_writer
from storage.engine.together import Together
from storage.engine.unit_of_work import BUSY_MILLISECONDS, LOCK_TIMEOUT, LOG_DUE, UnitOfWork, open_unit

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
POSTGRES_CONNECTIONS = 12
POSTGRES_SPARE_CONNECTIONS = 8
SQLITE_READERS = 4
_POOL_SECONDS = 30
_LEAST_CONNECTIONS = 4
_NOT_THE_DRIVERS = ["pooler", "pool_size"]
_POSTGRES_WORDS = {"ssl", "host", "port", "prepared_statement_cache_size", *_NOT_THE_DRIVERS}  # options after the ?
_LONGEST_STATEMENT = 30.0  # seconds, except for toil
_NUMBERS = {"port": 0, "prepared_statement_cache_size": 0, "pool_size": _LEAST_CONNECTIONS}  # the lowest of each
# A process that freezes, or whose machine is gone, in the middle of a transaction holds up the others no longer than
# this. Work that takes longer says so: UnitOfWork.take_time.
POSTGRES_LIMITS = {"idle_in_transaction_session_timeout": "5s", "lock_timeout": LOCK_TIMEOUT}
# PgBouncer in transaction mode refuses both as settings of a session: each transaction begins with them.
_POOLED_BEGIN = "; ".join(["BEGIN", *(f"SET LOCAL {name} = '{limit}'" for name, limit in POSTGRES_LIMITS.items())])
# Two transactions of one client may be on two sessions, so no statement stays prepared between them.
_POOLED: dict[str, Any] = {
    "statement_cache_size": 0, "prepared_statement_cache_size": 0, "prepared_statement_name_func": str,
}  # fmt: skip
_TCP_LIMITS = {
    "tcp_keepalives_idle": "4", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "2", "tcp_user_timeout": "8000",
}  # fmt: skip
_LONGEST_CALL = 6.0  # seconds: a little more than SQLite waits for another process's write
# A unit of work begins and ends its transaction with the driver: through SQLAlchemy that takes ten times as long.
_OURS_TO_END: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
_RIGHT_URLS = "use sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER@HOST/NAME"


class WrongDatabaseUrl(ValueError):
    """A database address that is no valid one of SQLite or PostgreSQL, or leads to a database of a newer version."""


class Database:
    """An open database. `begin()` opens a unit of work, `reading()` one that can't write."""

    def __init__(self, url: str, keys: KeyRing, now: Callable[[], datetime]) -> None:
        """url: `sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://…`; now: the clock. Raises WrongDatabaseUrl."""
        self.url = checked_url(url)
        self.keys = keys
        self._now = now
        self.is_sqlite = self.url.startswith("sqlite")
        self.lease_until: float | None = None
        self._threads: list[Thread] = []
        self._together: Together | None = None
        if self.is_sqlite:
            # IMMEDIATE: a transaction that reads first and writes later would otherwise fail in the middle.
            self._beginning = "BEGIN IMMEDIATE"
            self._writer = _lender(_sqlite_engine(self.url, writer=True, threads=self._threads), 1)
            self._together = Together(self._writer, self._beginning, _POOL_SECONDS)
            readers = _sqlite_engine(self.url, writer=False, threads=self._threads)
            self._reader = _lender(readers, SQLITE_READERS)
        else:
            self._beginning = _POOLED_BEGIN if is_pooled(self.url) else "BEGIN"
            self._writer = self._reader = _lender(_postgres_engine(self.url), _most_connections(self.url))

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work that may write. Raises DatabaseAway, also when this process's lease has run out."""
        self._check_lease()
        return self._opened()

    def begin_short(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """The same for short work: on SQLite, units of work that wait for each other share one transaction."""
        self._check_lease()
        return self._together.begin(self.keys, self._now) if self._together else self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[UnitOfWork]:
        turn = self._together.alone() if self._together else nullcontext()
        async with turn, open_unit(self._writer, self.keys, self._now, self._beginning) as work:
            yield work

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work that only reads; it raises like `begin`. On SQLite it never waits for the one writer."""
        self._check_lease()
        return open_unit(self._reader, self.keys, self._now, "BEGIN" if self.is_sqlite else self._beginning)

    def beating(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open the unit of work in which a process notes that it lives: works also after its lease has run out."""
        return self._opened()

    def renew_lease(self, until: float) -> None:
        """Let this process open work until `until`, in seconds of `clock()`. Never called: there is no limit."""
        self.lease_until = until

    def clock(self) -> float:
        """Seconds since the machine started; they go on while the process is frozen and the machine sleeps."""
        return clock_gettime(CLOCK_BOOTTIME)

    def _check_lease(self) -> None:
        # This process was frozen or cut off, and the others may have changed the team key meanwhile.
        if self.lease_until is not None and self.clock() > self.lease_until:
            raise DatabaseAway("this process was not heard of for too long")

    async def close(self) -> None:
        """Close all connections."""
        if self._together:
            await self._together.close()
        await self._writer.close()
        if self._reader is not self._writer:
            await self._reader.close()
        # A cancelled task leaves a call running in its connection's thread, which must not outlive our event loop.
        for thread in self._threads:
            if thread.is_alive():
                await asyncio.to_thread(thread.join, _LONGEST_CALL)


def checked_url(url: str) -> str:
    """The address with its asynchronous driver. Raises WrongDatabaseUrl, saying what would be right."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise WrongDatabaseUrl(_RIGHT_URLS) from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = parsed.get_backend_name()
    # Each connection would have a memory database of its own.
    if backend not in drivers or (backend == "sqlite" and parsed.database in {None, "", ":memory:"}):
        raise WrongDatabaseUrl(_RIGHT_URLS)
    if backend != "sqlite" and (unknown := set(parsed.query) - _POSTGRES_WORDS):
        # People know libpq's option for encryption (sslmode); asyncpg would fail on it.
        raise WrongDatabaseUrl(f"nobody knows {min(unknown)!r} in it; for encryption write ?ssl=require")
    for name, given in [("port", str(parsed.port or 0)), *parsed.query.items()]:
        least = _NUMBERS.get(name)
        if least is not None and not (str(given).isdecimal() and least <= int(str(given)) <= 65535):
            raise WrongDatabaseUrl(f"its {name} must be a number from {least} to 65535")
    if parsed.query.get("pooler", "transaction") != "transaction":
        raise WrongDatabaseUrl("its pooler can only be transaction: PgBouncer with pool_mode = transaction")
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


def is_pooled(url: str) -> bool:
    """Whether the address leads to a connection pooler in transaction mode: it ends in `?pooler=transaction`."""
    return "pooler" in make_url(url).query


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL. Raises WrongDatabaseUrl."""
    parsed = make_url(checked_url(url))
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _lender(engine: AsyncEngine, most: int) -> Lender:
    return Lender(engine, most, min(most, POSTGRES_CONNECTIONS), _POOL_SECONDS)


def _most_connections(url: str) -> int:
    asked = make_url(url).query.get("pool_size", POSTGRES_CONNECTIONS + POSTGRES_SPARE_CONNECTIONS)
    return int(str(asked))


def _sqlite_engine(
    url: str, *, writer: bool, threads: list[Thread] | None = None, migrates: bool = False
) -> AsyncEngine:
    """An engine with one connection that writes (more would only wait for each other), or with a few that only read.

    threads: list to which each connection's thread is added · migrates: SQLAlchemy begins and ends transactions itself.
    """
    size = 1 if writer else SQLITE_READERS

    def connect(*given: Any, **named: Any) -> aiosqlite.Connection:
        connection = (connect_writer if writer else aiosqlite.connect)(*given, **named)
        thread = connection._thread  # noqa: SLF001 - as SQLAlchemy does; there is no other way to it
        thread.daemon = True  # it must not keep a dying process alive
        if threads is not None:
            threads.append(thread)
        return connection

    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        hide_parameters=True,
        connect_args={"async_creator_fn": connect},
        **({} if migrates else _OURS_TO_END),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        record.info[LOG_DUE] = writer  # a killed process may have left the write-ahead log full
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"busy_timeout={BUSY_MILLISECONDS}",
            "foreign_keys=ON",
            "temp_store=MEMORY",  # rows that the close of a vote rewrites are never in a temporary file
            f"query_only={'OFF' if writer else 'ON'}",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if migrates:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str, *, migrates: bool = False) -> AsyncEngine:
    """A PostgreSQL engine. migrates: statements, and the wait for another process's migration, may take any time."""
    limits = _TCP_LIMITS if migrates else {**_TCP_LIMITS, **POSTGRES_LIMITS}
    pooled, address = is_pooled(url), make_url(url)
    most = _most_connections(url)
    return create_async_engine(
        address.difference_update_query(_NOT_THE_DRIVERS),
        pool_size=min(POSTGRES_CONNECTIONS, most),
        max_overflow=max(most - POSTGRES_CONNECTIONS, 0),
        pool_timeout=_POOL_SECONDS,
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            "command_timeout": None if migrates else _LONGEST_STATEMENT,
            # pg_stat_activity then shows which process holds a lock.
            "server_settings": {"application_name": f"buurtstem {os.getpid()}", **({} if pooled else limits)},
            **(_POOLED if pooled else {}),
        },
        **({} if migrates else _OURS_TO_END),
    )


def migrate(url: str, revision: str = "head") -> list[str]:
    """Bring the database to `revision`, up or down. Synchronous; opens and closes its own connection.

    Returns the revisions that were applied or undone, in that order. Raises WrongDatabaseUrl when the database was
    made by a newer version than this one.
    """
    config, applied = _alembic(url), list[str]()
    config.attributes["on_version_apply"] = lambda step, **_: applied.append(step.up_revision_id)
    step = command.downgrade if revision == "base" or revision.startswith("-") else command.upgrade
    try:
        asyncio.run(_migrate(url, config, lambda: step(config, revision)))
    except CommandError:
        raise WrongDatabaseUrl("that database is of a newer version: start that version") from None
    return applied


async def _migrate(url: str, config: Config, act: Callable[[], None]) -> None:
    url = checked_url(url)
    # SQLite with our own BEGIN: a migration that breaks off leaves nothing behind.
    if url.startswith("sqlite"):
        engine = _sqlite_engine(url, writer=True, migrates=True)
    else:
        engine = _postgres_engine(url, migrates=True)
    try:
        async with engine.connect() as connection:

            def _run(sync_connection: Any) -> None:
                config.attributes["connection"] = sync_connection
                act()

            await connection.run_sync(_run)
    finally:
        await engine.dispose()


def _alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", checked_url(url).replace("%", "%%"))
    return config


def create_revision(url: str, what: str) -> None:
    """Write the next migration: how our tables differ from the database at `url`, which is at the newest migration.

    what: the name of the new migration, without its number.
    """
    config = _alembic(url)
    config.set_main_option("file_template", "%%(slug)s")
    number = f"{int(ScriptDirectory.from_config(config).get_current_head() or 0) + 1:04d}"

    def revise() -> None:
        command.revision(config, message=f"{number} {what}", autogenerate=True, rev_id=number)

    asyncio.run(_migrate(url, config, revise))


async def is_newest(work: UnitOfWork) -> bool:
    """Whether the database is at the newest migration."""

    def form(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    return await work.look(form) == _head(_MIGRATIONS)


@cache
def _head(migrations: Path) -> str | None:
    return ScriptDirectory(str(migrations)).get_current_head()
