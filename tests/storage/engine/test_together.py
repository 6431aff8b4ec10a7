"""Units of work of SQLite that share one transaction: kept together, taken back one by one, and never left open."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domain.sealing import KeyRing
from storage.engine.away import DatabaseAway
from storage.engine.database import Database
from storage.people import rates
from tests.opened import opened, rows


class Refused(Exception):
    """What a handler raises."""


class Disk:
    """A database of which is noted what it is told, with a commit that can be held back or fail."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.said: list[str] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.fails = False

    async def watch(self) -> None:
        """Put ourselves between the one writer and its driver."""
        async with self.database.begin() as work:
            driver = work.driver
            await driver.set_trace_callback(self.said.append)
        commit = driver.commit

        async def told() -> None:
            await self.may_commit.wait()
            if self.fails:
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR, "SQLITE_IOERR"
                raise error
            await commit()

        driver.commit = told

    @property
    def commits(self) -> int:
        """How often was committed."""
        return self.said.count("COMMIT")

    async def tags(self) -> set[bytes]:
        """What is kept."""
        async with self.database.reading() as work:
            return {bytes(row["tag"]) for row in await rows(work, "rates")}


@pytest.fixture
async def disk(sqlite_url: str, keys: KeyRing) -> AsyncIterator[Disk]:
    """Give a database that is watched."""
    async with opened(sqlite_url, keys) as database:
        watched = Disk(database)
        await watched.watch()
        yield watched


async def write(disk: Disk, tag: bytes, error: Exception | None = None, after: list[bytes] | None = None) -> None:
    """One short unit of work."""
    async with disk.database.begin_short() as work:
        await rates.once_more(work, tag)
        if after is not None:
            work.after_commit(lambda: after.append(tag))
        if error is not None:
            raise error


async def test_those_who_wait_are_kept_by_one_commit(disk: Disk) -> None:
    before = disk.commits
    await asyncio.gather(*(write(disk, bytes([number])) for number in range(1, 13)))
    assert len(await disk.tags()) == 12
    assert disk.commits - before == 1


async def test_no_group_grows_without_end(disk: Disk) -> None:
    before = disk.commits
    await asyncio.gather(*(write(disk, bytes([number])) for number in range(1, 41)))
    assert len(await disk.tags()) == 40
    assert disk.commits - before == 3


async def test_one_that_raises_takes_back_its_own_part_alone(disk: Disk) -> None:
    done = await asyncio.gather(
        *(write(disk, bytes([number]), Refused() if number % 3 == 0 else None) for number in range(1, 10)),
        return_exceptions=True,
    )
    assert [type(one) for one in done] == [Refused if number % 3 == 0 else type(None) for number in range(1, 10)]
    assert await disk.tags() == {bytes([number]) for number in range(1, 10) if number % 3}


async def test_nobody_is_over_before_all_is_kept(disk: Disk) -> None:
    disk.may_commit.clear()
    after: list[bytes] = []
    tasks = [asyncio.create_task(write(disk, tag, after=after)) for tag in (b"a", b"b")]
    _, waiting = await asyncio.wait(tasks, timeout=0.05)
    assert len(waiting) == 2
    assert (after, await disk.tags()) == ([], set())
    disk.may_commit.set()
    await asyncio.gather(*tasks)
    assert sorted(after) == [b"a", b"b"]


async def test_when_the_commit_fails_nothing_is_kept_and_all_are_told(disk: Disk) -> None:
    disk.fails = True
    after: list[bytes] = []
    done = await asyncio.gather(*(write(disk, tag, after=after) for tag in (b"a", b"b")), return_exceptions=True)
    assert [type(one) for one in done] == [DatabaseAway, DatabaseAway]
    assert (after, await disk.tags()) == ([], set())
    await write(disk, b"c")  # on a new connection
    assert await disk.tags() == {b"c"}


async def test_a_full_disk_in_the_middle_keeps_all_or_none(sqlite_url: str, keys: KeyRing) -> None:
    async with opened(sqlite_url, keys) as database:
        async with database.begin() as work:
            await work.driver.execute("PRAGMA cache_size=1")
            ((pages,),) = await work.driver.execute_fetchall("PRAGMA page_count")
            await work.driver.execute(f"PRAGMA max_page_count={pages + 1}")

        async def fills(tag: bytes) -> None:
            async with database.begin_short() as work:
                await rates.once_more(work, tag * (100_000 if tag == b"b" else 1))

        done = await asyncio.gather(*(fills(tag) for tag in (b"a", b"b", b"c")), return_exceptions=True)
        assert isinstance(done[1], DatabaseAway)
        async with database.reading() as work:
            kept = {bytes(row["tag"]) for row in await rows(work, "rates")}
        told = {tag for tag, one in zip((b"a", b"b", b"c"), done, strict=True) if one is None}
        assert kept == told


async def test_who_works_alone_has_a_transaction_of_their_own_and_waits_for_no_group(disk: Disk) -> None:
    before = disk.commits

    async def alone() -> None:
        async with disk.database.begin() as work:
            await rates.once_more(work, b"alone")

    await asyncio.gather(write(disk, b"a"), alone(), write(disk, b"b"))
    assert await disk.tags() == {b"a", b"alone", b"b"}
    assert disk.commits - before == 3


async def test_who_is_cancelled_while_waiting_leaves_no_group_open(disk: Disk) -> None:
    ready, go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with disk.database.begin_short() as work:
            await rates.once_more(work, b"first")
            ready.set()
            await go.wait()

    task = asyncio.create_task(first())
    await ready.wait()
    waits = asyncio.create_task(write(disk, b"never"))
    await asyncio.sleep(0)
    go.set()
    await asyncio.sleep(0)  # the first has left its group open for who waits
    waits.cancel()
    async with asyncio.timeout(5):
        await task
    assert b"first" in await disk.tags()


async def test_who_is_cancelled_during_the_commit_takes_nobody_along(disk: Disk) -> None:
    disk.may_commit.clear()
    tasks = [asyncio.create_task(write(disk, tag)) for tag in (b"a", b"b", b"c")]
    await asyncio.wait(tasks, timeout=0.05)
    tasks[2].cancel()  # the one that commits
    tasks[0].cancel()
    await asyncio.sleep(0)
    disk.may_commit.set()
    async with asyncio.timeout(5):
        await tasks[1]
    assert await disk.tags() == {b"a", b"b", b"c"}


async def test_each_member_has_its_own_moment(sqlite_url: str, keys: KeyRing) -> None:
    moments = iter(datetime(2027, 1, day, tzinfo=UTC) for day in range(1, 9))
    database = Database(sqlite_url, keys, lambda: next(moments))
    seen: list[datetime] = []

    async def look() -> None:
        async with database.begin_short() as work:
            seen.append(work.now)

    await asyncio.gather(look(), look(), look())
    assert [one.day for one in seen] == [1, 2, 3]
    await database.close()
