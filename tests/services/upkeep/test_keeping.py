"""Changing the team key: then everything opens with the new key alone, also when a change was interrupted before."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest

from domain.sealing import KeyRing, new_key
from services.rights import erasing
from services.upkeep import health, keeping
from services.upkeep.keeping import Checked
from services.work import Work
from storage.engine.database import Database
from storage.upkeep import wrapping
from storage.upkeep.tables import metadata
from tests.lives import Life, ask_to_cut, here, live
from tests.opened import Clock, opened


def with_new(keys: KeyRing) -> KeyRing:
    """The same ring with a newer team key."""
    return KeyRing({**keys.team, keys.newest + 1: new_key()}, keys.pseudonyms)


def newest_only(keys: KeyRing) -> KeyRing:
    """The same ring without the older team keys."""
    return KeyRing({keys.newest: keys.team[keys.newest]}, keys.pseudonyms)


async def check(database: Database, keys: KeyRing) -> Checked:
    """How many wrapped keys open with this ring, and how many don't."""
    async with opened(database.url, keys) as other, other.reading() as work:
        return await keeping.check_keys(work)


async def shown(database: Database, keys: KeyRing, clock: Clock, life: Life) -> dict[str, object]:
    """All that the life's resident is shown of their data, opened with this ring."""
    async with opened(database.url, keys, clock) as other, other.begin() as work:
        return await erasing.my_data(work, await here(work, life.marks.telegram_id))


def test_every_column_with_a_wrapped_key_is_wrapped_anew() -> None:
    columns = {table.name for table in metadata.tables.values() for column in table.columns if "wrapped" in column.name}
    assert columns == {source.table.name for source in wrapping.WRAPPED}


async def test_after_a_change_all_opens_with_the_new_key_and_nothing_with_the_old(
    database: Database, keys: KeyRing, clock: Clock
) -> None:
    life = await live(database)
    before = await shown(database, keys, clock, life)
    all_of_it = await check(database, keys)
    both = with_new(keys)
    async with opened(database.url, both) as rotating:
        assert await keeping.rewrap_all(rotating.begin) == all_of_it
    assert all_of_it.unreadable == 0
    assert all_of_it.readable >= 5
    assert await check(database, newest_only(both)) == all_of_it
    assert await check(database, keys) == Checked(0, all_of_it.readable)
    assert await shown(database, newest_only(both), clock, life) == before


async def test_a_change_that_was_broken_off_is_done_again(
    database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(database)
    all_of_it = await check(database, keys)
    monkeypatch.setattr(keeping, "_AT_ONCE", 1)
    first = with_new(keys)
    turns: Iterator[int] = iter(range(3))
    async with opened(database.url, first) as rotating:

        def begin() -> AbstractAsyncContextManager[Work]:
            next(turns)
            return rotating.begin()

        with pytest.raises((StopIteration, RuntimeError)):
            await keeping.rewrap_all(begin)
    halfway = await check(database, newest_only(first))
    assert 0 < halfway.readable < all_of_it.readable
    assert await check(database, first) == all_of_it
    second = with_new(first)
    async with opened(database.url, second) as rotating:
        assert await keeping.rewrap_all(rotating.begin) == all_of_it
    assert await check(database, newest_only(second)) == all_of_it


async def test_a_key_that_was_damaged_before_does_not_hold_up_the_others(database: Database, keys: KeyRing) -> None:
    await live(database)
    async with database.begin() as work:
        source = wrapping.WRAPPED[0]
        row_id, _, _ = (await wrapping.page(work, source, None, 1))[0]
        await wrapping.put(work, source, row_id, b"\0\0\0\1" + bytes(60))
    both = with_new(keys)
    async with opened(database.url, both) as rotating:
        found = await keeping.rewrap_all(rotating.begin)
    assert found.unreadable == 1
    assert await check(database, newest_only(both)) == found


async def test_a_sample_is_enough_to_see_that_the_keys_are_wrong(database: Database, keys: KeyRing) -> None:
    assert await ask_to_cut(database, await live(database))
    kinds = len(wrapping.WRAPPED)
    async with database.reading() as work:
        assert await keeping.check_keys(work, 1) == Checked(kinds, 0)
    wrong = KeyRing({1: new_key()}, keys.pseudonyms)
    async with opened(database.url, wrong) as other, other.reading() as work:
        assert await keeping.check_keys(work, 1) == Checked(0, kinds)


async def test_the_doctor_sees_what_waits_and_what_could_not_be_handled(database: Database) -> None:
    await live(database)
    async with database.reading() as work:
        found = await health.health(work)
    assert found is not None
    assert (found.keys.unreadable, dict(found.unsaid), found.buried) == (0, {"failed": 1, "waiting": 2}, 1)
