"""The pace as rows: a halt that holds for everybody and over a restart, and how far each allowance is used up."""

from datetime import timedelta

from storage.engine.database import Database
from storage.outbox import pace
from tests.opened import NOW, fresh_keys, opened

LATER = NOW + timedelta(seconds=5)


async def test_a_halt_keeps_the_later_moment(database: Database) -> None:
    async with database.begin() as work:
        assert await pace.halted_until(work, NOW) is None
        for seconds in (3, 9, 5):
            await pace.halt(work, NOW, NOW + timedelta(seconds=seconds))
        assert await pace.halted_until(work, NOW) == NOW + timedelta(seconds=9)


async def test_a_halt_from_before_the_clock_was_put_back_holds_nobody_and_gives_way(database: Database) -> None:
    async with database.begin() as work:
        await pace.halt(work, NOW, NOW + timedelta(hours=2))
        earlier = NOW - timedelta(hours=1)
        assert await pace.halted_until(work, earlier) is None
        await pace.halt(work, earlier, earlier + timedelta(seconds=5))
        assert await pace.halted_until(work, earlier) == earlier + timedelta(seconds=5)


async def test_a_halt_holds_for_work_that_began_a_little_before_it(database: Database) -> None:
    async with database.begin() as work:
        await pace.halt(work, LATER, LATER + timedelta(hours=1))
        assert await pace.halted_until(work, NOW) == LATER + timedelta(hours=1)


async def test_a_halt_stands_when_the_program_starts_again(database_url: str) -> None:
    keys = fresh_keys()
    async with opened(database_url, keys) as before, before.begin() as work:
        await pace.halt(work, NOW, LATER)
    async with opened(database_url, keys) as after, after.begin() as work:
        assert await pace.halted_until(work, NOW) == LATER


async def test_an_allowance_moves_on(database: Database) -> None:
    async with database.begin() as work:
        await pace.keep_paces(work, {})
        await pace.keep_paces(work, {b"a": NOW})
        await pace.keep_paces(work, {b"a": LATER, b"b": NOW})
        assert await pace.paces(work, [b"a", b"b", b"c"]) == {b"a": LATER, b"b": NOW}


async def test_an_allowance_that_is_whole_again_is_forgotten(database: Database) -> None:
    async with database.begin() as work:
        await pace.keep_paces(work, {b"a": NOW, b"b": LATER})
        await pace.drop_before(work, NOW)
        assert len(await pace.paces(work, [b"a", b"b"])) == 2
        await pace.drop_before(work, LATER)
        assert await pace.paces(work, [b"a", b"b"]) == {b"b": LATER}
