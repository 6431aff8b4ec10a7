"""The unit of work: kept whole or not at all, and honest about a database that is away."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from domain.sealing import KeyRing
from handlers.telegram.reaches import DOOR
from storage.budget import ballots
from storage.budget.ballots import RoundKeyTable
from storage.engine import database as database_part
from storage.engine import vault
from storage.engine.away import DatabaseAway, Held
from storage.engine.columns import UtcMoment
from storage.engine.database import POSTGRES_CONNECTIONS, Database
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.people import rates, updates
from tests.opened import NOW, Clock, fresh_keys, opened, rows
from tests.postgres import PostgresServer


class Refused(Exception):
    """What a handler may raise."""


async def broken_off(database: Database, error: Exception, act: Callable[[UnitOfWork], None] | None = None) -> None:
    """Count something and mark an update in a unit of work, then raise."""
    async with database.begin() as work:
        await rates.once_more(work, b"tag")
        assert await updates.mark_done(work, DOOR, 1)
        if act is not None:
            act(work)
        raise error


async def test_what_raises_leaves_nothing_and_is_raised_as_it_is(database: Database) -> None:
    for error in (Refused(), PermissionError(), TimeoutError(), ConnectionError()):
        with pytest.raises(type(error)):
            await broken_off(database, error)
    async with database.reading() as work:
        assert await rows(work, "rates") == []


async def test_a_full_disk_is_named(sqlite_url: str) -> None:
    async with opened(sqlite_url, fresh_keys()) as database:
        with pytest.raises(DatabaseAway, match="SQLITE_FULL"):
            async with database.begin() as work:
                await work.driver.execute_fetchall("PRAGMA max_page_count=1")
                while True:
                    await rates.once_more(work, os.urandom(4000))


async def test_acts_after_the_commit_are_done_only_when_it_is_kept(database: Database) -> None:
    done: list[str] = []
    async with database.begin() as work:
        work.after_commit(lambda: done.append("kept"))
        assert done == []
    assert done == ["kept"]
    with pytest.raises(Refused):
        await broken_off(database, Refused(), lambda work: work.after_commit(lambda: done.append("rolled back")))
    assert done == ["kept"]


async def test_work_that_was_broken_off_does_not_hold_up_the_next(database: Database) -> None:
    async def endless() -> None:
        async with database.begin() as work:
            await rates.once_more(work, b"tag")
            begun.set()
            await asyncio.Event().wait()

    for _ in range(3):
        begun = asyncio.Event()
        task = asyncio.create_task(endless())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with database.begin() as work:
        assert await rows(work, "rates") == []


async def test_a_part_that_raises_takes_back_only_its_own(database: Database) -> None:
    async with database.begin() as work:
        await rates.once_more(work, b"before")
        with pytest.raises(Refused):
            async with work.part():
                await rates.once_more(work, b"within")
                raise Refused
        async with work.part():
            await rates.once_more(work, b"after")
    async with database.reading() as work:
        assert {row["tag"] for row in await rows(work, "rates")} == {b"before", b"after"}


async def test_the_box_is_held_again_after_a_part_that_held_it_was_rolled_back(postgres_url: str) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    async with opened(postgres_url, fresh_keys()) as it, it.begin() as work:
        with pytest.raises(Refused):
            async with work.part():
                await ballots.hold_box(work)
                raise Refused
        assert (await work.run(held)).scalar_one() == 0
        for _ in range(2):
            await ballots.hold_box(work)
        assert (await work.run(held)).scalar_one() == 1


async def test_a_part_that_raises_takes_back_what_came_before_a_look_aside_in_it(database: Database) -> None:
    async with database.begin() as work:
        with pytest.raises(Refused):
            async with work.part():
                await rates.once_more(work, b"within")
                async with work.aside():
                    await rates.once_more(work, b"aside")
                raise Refused
    async with database.reading() as work:
        assert await rows(work, "rates") == []


async def test_many_rows_of_which_one_is_too_long_are_refused_whole(postgres_url: str) -> None:
    table = table_of(RoundKeyTable)
    async with opened(postgres_url, fresh_keys()) as database:
        with pytest.raises(asyncpg.StringDataRightTruncationError):
            async with database.begin() as work:
                await work.add_many(table, [{"round_id": name, "wrapped": b"x"} for name in ("a", "b" * 27)])
        async with database.reading() as work:
            assert await rows(work, "round_keys") == []


async def test_what_is_looked_at_aside_leaves_no_lock_and_no_row(database: Database) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'")
    async with database.begin() as work:
        async with work.aside():
            await ballots.hold_tables(work)
            await rates.once_more(work, b"aside")
        if not work.is_sqlite:
            assert (await work.run(held)).scalar_one() == 0
        with pytest.raises(Refused):
            async with work.aside():
                raise Refused
        await rates.once_more(work, b"after")
    async with database.reading() as work:
        assert {row["tag"] for row in await rows(work, "rates")} == {b"after"}


async def test_only_toil_may_take_longer_than_a_statement_may(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.database._LONGEST_STATEMENT", 0.3)
    slow = text("SELECT pg_sleep(0.6)")
    async with opened(postgres_url, fresh_keys()) as it:
        async with it.begin() as work:
            await work.toil(slow)
        with pytest.raises(DatabaseAway):
            async with it.begin() as work:
                await work.run(slow)


async def test_a_mark_is_made_once_however_many_make_it_at_once(database: Database) -> None:
    async def mark() -> bool:
        async with database.begin() as work:
            return await updates.mark_done(work, DOOR, 2**40)

    assert sorted(await asyncio.gather(*(mark() for _ in range(12)))) == [False] * 11 + [True]


async def test_a_mark_of_work_that_was_rolled_back_is_no_mark(database: Database) -> None:
    with pytest.raises(Refused):
        await broken_off(database, Refused())
    async with database.begin() as work:
        assert await updates.mark_done(work, DOOR, 1)


async def test_who_reads_cannot_write_on_sqlite(sqlite_url: str) -> None:
    async with opened(sqlite_url, fresh_keys()) as database:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            async with database.reading() as work:
                await rates.once_more(work, b"tag")


async def test_a_table_that_is_missing_is_our_fault_and_not_the_databases(database: Database) -> None:
    with pytest.raises(SQLAlchemyError):
        async with database.begin() as work:
            await work.run(text("SELECT * FROM nothing"))


async def test_an_error_of_the_database_does_not_show_what_was_written(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as caught:
        async with database.begin() as work:
            await work.run(text("INSERT INTO nothing VALUES (:words)"), {"words": "a secret story"})
    assert "secret" not in str(caught.value)


async def lose_the_connection(database: Database) -> None:
    """The server ends the connection in the middle of the work."""
    async with database.begin() as work:
        own = (await work.run(text("SELECT pg_backend_pid()"))).scalar_one()
        async with database.begin() as other:
            await other.run(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        await rates.once_more(work, b"tag")


async def test_a_lost_connection_is_said_as_away_and_the_next_work_goes_on(postgres_url: str) -> None:
    async with opened(postgres_url, fresh_keys()) as database:
        with pytest.raises(DatabaseAway):
            await lose_the_connection(database)
        for _ in range(3):
            async with database.begin() as work:
                assert await rows(work, "rates") == []


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions may stand still, and wait for a lock, for a moment only."""
    limits = {"idle_in_transaction_session_timeout": "200ms", "lock_timeout": "200ms"}
    monkeypatch.setattr(database_part, "POSTGRES_LIMITS", limits)


async def test_a_transaction_that_stands_still_is_ended_unless_it_said_that_it_takes_time(
    postgres_url: str, short_limits: None
) -> None:
    async with opened(postgres_url, fresh_keys()) as database:
        for _ in range(3):
            with pytest.raises(DatabaseAway):
                async with database.begin() as work:
                    await rates.once_more(work, b"tag")
                    await asyncio.sleep(0.6)
                    await rates.once_more(work, b"tag")
        with pytest.raises(DatabaseAway):  # at its end too
            async with database.begin() as work:
                await rates.once_more(work, b"tag")
                await asyncio.sleep(0.6)
        async with database.begin() as work:
            await work.take_time()
            await rates.once_more(work, b"tag")
            await asyncio.sleep(0.6)
        async with database.reading() as work:
            assert len(await rows(work, "rates")) == 1


async def test_who_waits_too_long_for_a_lock_tries_again_later(postgres_url: str, short_limits: None) -> None:
    async with opened(postgres_url, fresh_keys()) as database, database.begin() as first:
        await first.take_time()
        await first.run(text("LOCK TABLE rates"))
        with pytest.raises(DatabaseAway):
            async with database.begin() as work:
                await rates.once_more(work, b"tag")
        async with database.begin() as work:
            with pytest.raises(Held):
                async with work.part():
                    await rates.once_more(work, b"tag")
            assert await updates.mark_done(work, DOOR, 1), "the other parts of the work go on"
            # Who held tables with a patience of its own waits as others do afterwards.
            await work.run(text("SET LOCAL lock_timeout = '50ms'"))
            await work.run(text("SET LOCAL lock_timeout TO DEFAULT"))
            assert (await work.run(text("SHOW lock_timeout"))).scalar_one() == "200ms"


async def test_connections_that_were_lost_while_nobody_used_them_are_not_handed_out(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    async with opened(postgres_url, fresh_keys()) as database:
        async with AsyncExitStack() as stack:
            drivers = [(await stack.enter_async_context(database.begin())).driver for _ in range(POSTGRES_CONNECTIONS)]
        name = postgres_url.rpartition("/")[2]
        ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await asyncio.to_thread(postgres_server.sql, ending)
        async with asyncio.timeout(30):
            while not all(driver.is_closed() for driver in drivers):
                await asyncio.sleep(0.01)
        async with AsyncExitStack() as stack:
            for _ in drivers:
                assert await rows(await stack.enter_async_context(database.begin()), "rates") == []


async def test_a_server_that_ends_connections_in_use_is_always_said_to_be_away(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    over, kept = False, 0
    async with opened(postgres_url, fresh_keys()) as database:

        async def writes(tag: bytes) -> None:
            nonlocal kept
            while not over:
                with suppress(DatabaseAway):
                    async with database.begin() as work:
                        await rates.once_more(work, tag)
                    kept += 1

        async with asyncio.TaskGroup() as group:
            for number in range(POSTGRES_CONNECTIONS):
                group.create_task(writes(b"%d" % number))
            for _ in range(20):
                before = kept
                await asyncio.to_thread(postgres_server.sql, ending)
                while kept < before + POSTGRES_CONNECTIONS:
                    await asyncio.sleep(0)
            over = True


async def test_a_database_that_is_not_there_is_away(postgres_server: PostgresServer, tmp_path: Path) -> None:
    nowhere = postgres_server.url("nowhere").replace(str(postgres_server.port), "9")
    for url in (nowhere, f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/a.db"):
        async with opened(url, fresh_keys()) as database:
            with pytest.raises(DatabaseAway):
                async with database.begin():
                    raise AssertionError("it can't be open")


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcMoment().process_bind_param(NOW.replace(tzinfo=None), None)  # type: ignore[arg-type]


# What SQLite's write-ahead log keeps

Log = Callable[[], bytes]


@pytest.fixture
def log(sqlite_url: str) -> Log:
    """The raw bytes of the write-ahead log."""
    path = Path(sqlite_url.partition(":///")[2] + "-wal")
    return lambda: path.read_bytes() if path.exists() else b""


@pytest.fixture
async def embedded(sqlite_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An opened SQLite database whose log was emptied once."""
    async with opened(sqlite_url, keys, clock) as database:
        async with database.begin():
            pass
        yield database


async def wrapped_key(database: Database) -> tuple[str, bytes]:
    """Make a record: its id and its wrapped key."""
    async with database.begin() as work:
        record, _ = await vault.new_record(work)
        ((wrapped),) = [row["wrapped"] for row in await rows(work, "record_keys") if row["record_id"] == record]
    return record, wrapped


async def test_the_log_forgets_a_destroyed_key_at_once(embedded: Database, log: Log) -> None:
    record, wrapped = await wrapped_key(embedded)
    assert wrapped in log()
    async with embedded.begin() as work:
        await vault.destroy_record(work, record, "person")
    assert log() == b""


async def test_the_log_forgets_as_soon_as_nobody_reads_from_it_and_nobody_waits_for_that(
    embedded: Database, log: Log
) -> None:
    record, wrapped = await wrapped_key(embedded)
    loop = asyncio.get_running_loop()
    async with embedded.reading() as reader:
        assert len(await rows(reader, "record_keys")) == 1
        began = loop.time()
        async with embedded.begin() as work:
            await vault.destroy_record(work, record, "person")
        assert loop.time() - began < 2
        assert wrapped in log()
    async with embedded.begin():
        pass
    assert wrapped not in log()


async def test_a_log_that_a_killed_process_left_is_emptied_by_the_next_one(
    embedded: Database, log: Log, keys: KeyRing, tmp_path: Path
) -> None:
    _, wrapped = await wrapped_key(embedded)
    left = tmp_path / "left"
    shutil.copytree(Path(embedded.url.partition(":///")[2]).parent, left)
    kept = left / "buurtstem.db-wal"
    assert wrapped in kept.read_bytes()
    async with opened(f"sqlite+aiosqlite:///{left}/buurtstem.db", keys) as database:
        async with database.begin() as work:
            assert len(await rows(work, "record_keys")) == 1
        assert kept.read_bytes() == b""


async def test_who_waits_to_write_is_served_before_who_has_just_written(database: Database) -> None:
    """Else one chat with much to say, or the listener as a whole, would keep everybody else from writing."""
    served: list[str] = []

    async def writes(name: str, times: int) -> None:
        for _ in range(times):
            async with database.begin() as work:
                await updates.mark_done(work, DOOR, len(served))
                served.append(name)

    async with AsyncExitStack() as stack:  # to open a connection takes longer than many writes
        for _ in range(1 if database.is_sqlite else 3):
            await stack.enter_async_context(database.begin())
    await asyncio.gather(writes("much", 60), writes("little", 3), writes("little", 3))
    assert served[:40].count("little") == 6


async def test_who_gives_up_waiting_to_write_holds_up_nobody(sqlite_url: str, keys: KeyRing) -> None:
    async with opened(sqlite_url, keys) as database:
        async with database.begin():
            waits = [asyncio.create_task(_mark(database, number)) for number in range(3)]
            await asyncio.sleep(0)
            waits[0].cancel()
        assert (await asyncio.gather(*waits, return_exceptions=True))[1:] == [True, True]


async def _mark(database: Database, number: int) -> bool:
    async with database.begin() as work:
        return await updates.mark_done(work, DOOR, number)
