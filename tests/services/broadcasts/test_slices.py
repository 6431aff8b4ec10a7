"""Audiences too large for one transaction: recipients are added a slice at a time, and counted ahead by the clock."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from domain.broadcasts import slices
from domain.broadcasts.rules import Act, Content
from domain.broadcasts.slices import bounds, slices_for
from services.broadcasts import audience, census, drafts, sending
from services.broadcasts.audience import Wish
from services.rights import erasing
from storage.broadcasts import census as stored
from storage.engine.database import Database
from tests.lives import here
from tests.neighbours import TEXTS, invite, move_in, organiser
from tests.opened import Clock, rows
from tests.services.broadcasts.test_invitations import act, feed, report, send_all, state

SOME = Content(TEXTS)
FEW = 5


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of three readers."""
    monkeypatch.setattr(slices, "READERS", 3)


async def filled(database: Database, broadcast_id: str) -> tuple[int, int]:
    """How many slices of the broadcast's audience were added, and how many there are."""
    async with database.reading() as work:
        (row,) = [row for row in await rows(work, "broadcasts") if row["id"] == broadcast_id]
        return row["filled"], row["slices"]


async def all_in(database: Database, *broadcasts: str) -> None:
    """Feed until every slice of these broadcasts' audiences was added."""
    for _ in range(20):
        if all(done == slices for done, slices in [await filled(database, one) for one in broadcasts]):
            return
        await feed(database)
    raise AssertionError("it never ends")


async def counted(database: Database, content: Content = SOME) -> Counter[tuple[str, str]]:
    """The readers that staff would be told of, by (neighbourhood, language), before the numbers are rounded."""
    async with database.reading() as work:
        return await census.counted(work, content, FEW)


async def look(database: Database) -> None:
    """Do one tick of the census."""
    async with database.begin() as work:
        await census.go_on(work, FEW)


async def take_census(database: Database) -> int:
    """Tick until the census no longer changes; how many ticks changed it."""
    for ticks in range(100):
        async with database.reading() as work:
            before = await rows(work, "reader_census")
        await look(database)
        async with database.reading() as work:
            if await rows(work, "reader_census") == before:
                return ticks
    raise AssertionError("it never ends")


@pytest.mark.parametrize("number", [1, 2, 3, 7, 418, 5000])
def test_slices_hold_every_pseudonym_once(number: int) -> None:
    edges = [bounds(one, number) for one in range(number)]
    assert edges[0][0] == bytes(4)
    assert edges[-1][1] is None
    assert [end for _, end in edges[:-1]] == [first for first, _ in edges[1:]]
    assert sorted({first for first, _ in edges}) == [first for first, _ in edges]


@pytest.mark.parametrize(("readers", "number"), [(0, 1), (1, 1), (400, 1), (401, 2), (167_000, 418)])
def test_a_slice_holds_about_four_hundred(readers: int, number: int) -> None:
    assert slices_for(readers) == number


@pytest.mark.usefixtures("small")
async def test_a_large_audience_is_put_in_a_slice_a_second_and_each_gets_it_once(database: Database) -> None:
    await move_in(database, range(1, 31))
    broadcast_id = await invite(database)
    assert await filled(database, broadcast_id) == (1, 10)
    first = (await report(database, broadcast_id)).get("waiting", 0)
    assert first < 30
    for number in range(2, 11):
        await feed(database)
        assert await filled(database, broadcast_id) == (number, 10)
        assert await state(database, broadcast_id) == "sending", "a slice without readers is no end"
    assert sorted(await send_all(database)) == list(range(1, 31))
    assert (await state(database, broadcast_id), await report(database, broadcast_id)) == ("sent", {"sent": 30})


@pytest.mark.usefixtures("small")
async def test_who_leaves_or_changes_their_mind_before_their_slice_comes_is_not_in_it(database: Database) -> None:
    await move_in(database, range(1, 31))
    broadcast_id = await invite(database)
    async with database.begin() as work:
        await erasing.erase(work, await here(work, 1))
        await audience.choose(work, await here(work, 2), None)
        await audience.choose(work, await here(work, 3), Wish("FK01", fewer=True))
    await all_in(database, broadcast_id)
    assert sorted(await send_all(database)) == list(range(3, 31))
    assert (await report(database, broadcast_id))["sent"] == 28


@pytest.mark.usefixtures("small")
async def test_what_is_paused_or_stopped_takes_in_nobody_more(database: Database) -> None:
    await move_in(database, range(1, 31))
    broadcast_id = await invite(database)
    await feed(database)
    await act(database, broadcast_id, Act.PAUSE, "second@office.example")
    for _ in range(3):
        await feed(database)
    assert await filled(database, broadcast_id) == (2, 10)
    await act(database, broadcast_id, Act.RESUME, "second@office.example")
    await feed(database)
    assert await filled(database, broadcast_id) == (3, 10)
    await act(database, broadcast_id, Act.STOP, "second@office.example")
    assert await send_all(database) == []
    assert await filled(database, broadcast_id) == (3, 10)
    assert set(await report(database, broadcast_id)) == {"stopped"}


@pytest.mark.usefixtures("small")
async def test_what_is_not_yet_put_in_counts_for_the_week_of_one_person(database: Database) -> None:
    await move_in(database, range(1, 31))
    first = await invite(database, approval_from=60)
    await act(database, first, Act.PAUSE, "first@office.example")
    done, slices = await filled(database, first)
    assert done < slices, "most of its audience is to come"
    async with database.begin() as work:
        me = await organiser(work, "second@office.example")
        written = await drafts.write(work, me, SOME)
        found = await sending.preview(work, me, written, 60)
        assert found.second_person == "week"
        assert found.week >= 30
        assert found.minutes == 1


@pytest.mark.usefixtures("small")
async def test_two_that_are_put_in_side_by_side_do_not_make_it_too_many_a_week(database: Database) -> None:
    await move_in(database, range(1, 21), fewer=True)
    one = await invite(database)
    other = await invite(database, email="other@office.example")
    await all_in(database, one, other)
    heard = await send_all(database)
    assert sorted(heard) == list(range(1, 21)), "each hears one of the two"
    assert sum((await report(database, one)).values()) + sum((await report(database, other)).values()) == 20


@pytest.mark.usefixtures("small")
async def test_many_readers_are_counted_by_the_clock_and_the_same_comes_out(database: Database) -> None:
    await move_in(database, range(1, 21))
    await move_in(database, range(21, 31), neighbourhood=None, fewer=True)
    exact = await counted(database)
    assert exact.total() == 30
    assert await take_census(database) == 10
    assert await counted(database) == exact
    dutch = await counted(database, Content({"nl": "Kom!"}, languages=frozenset({"nl"})))
    assert dutch == {cell: readers for cell, readers in exact.items() if cell[1] == "nl"}
    assert await counted(database, Content(TEXTS, buurten=frozenset({"FA03"}))) == {
        cell: readers for cell, readers in exact.items() if cell[0] == ""
    }


@pytest.mark.usefixtures("small")
async def test_a_census_tells_no_more_of_who_had_enough_than_is_so(database: Database, clock: Clock) -> None:
    await move_in(database, range(1, 11), fewer=True)
    await take_census(database)
    broadcast_id = await invite(database)
    await all_in(database, broadcast_id)
    await send_all(database)
    assert (await counted(database)).total() == 10, "the census is of before"
    clock.move(days=1)
    await take_census(database)
    assert (await counted(database)).total() == 0
    assert (await report(database, broadcast_id)) == {"sent": 10}
    clock.move(days=7)
    await take_census(database)
    assert (await counted(database)).total() == 10


@pytest.mark.usefixtures("small")
async def test_a_census_is_made_once_a_day_and_again_while_somebody_writes(database: Database, clock: Clock) -> None:
    await move_in(database, range(1, 11))
    assert await take_census(database) == 4
    await move_in(database, range(11, 13))
    assert await take_census(database) == 0
    clock.move(days=1)
    assert await take_census(database) == 4
    assert (await counted(database)).total() == 12
    async with database.begin() as work:
        await audience.choose(work, await here(work, 1), None)
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        await drafts.write(work, me, SOME)
    for _ in range(4):
        await look(database)
    assert (await counted(database)).total() == 11


@pytest.mark.usefixtures("small")
async def test_a_census_in_parts_is_not_told_and_the_one_before_is(database: Database, clock: Clock) -> None:
    await move_in(database, range(1, 11))
    await look(database)
    assert (await counted(database)).total() == 10, "no census is whole yet: all are looked at"
    await take_census(database)
    clock.move(days=1)
    await move_in(database, range(11, 21))
    for _ in range(2):
        await look(database)
    assert (await counted(database)).total() == 10


@pytest.mark.usefixtures("small")
async def test_few_readers_have_no_census(database: Database) -> None:
    await move_in(database, range(1, 11))
    await take_census(database)
    for number in range(1, 6):
        async with database.begin() as work:
            await audience.choose(work, await here(work, number), None)
    await look(database)
    async with database.reading() as work:
        assert await rows(work, "reader_census") == []
    assert (await counted(database)).total() == 5


@pytest.mark.usefixtures("small")
async def test_a_census_that_can_not_be_opened_is_made_anew(database: Database) -> None:
    await move_in(database, range(1, 11))
    await take_census(database)
    async with database.begin() as work:
        await stored.keep(work, stored.CensusRow(b"damaged", b"damaged"))
    assert (await counted(database)).total() == 10
    assert await take_census(database) == 4
    assert (await counted(database)).total() == 10


@pytest.mark.usefixtures("small")
async def test_a_census_names_no_numbers_where_others_can_read_them(database: Database) -> None:
    await move_in(database, range(1, 11))
    await take_census(database)
    async with database.reading() as work:
        (row,) = await rows(work, "reader_census")
    assert b"FK01" not in row["content"]


def test_a_whole_census_is_never_older_than_a_night_and_a_quarter_of_an_hour() -> None:
    assert timedelta(seconds=2 * slices_for(167_000)) < timedelta(minutes=15)
