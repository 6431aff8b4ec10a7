"""The outbox: claimed in order and once, freed from the dead, and empty of content when it is over."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.engine.database import Database
from storage.engine.unit_of_work import UnitOfWork
from storage.outbox import queue
from tests.opened import NOW, rows

LEASE = timedelta(seconds=10)
LATER = NOW + timedelta(seconds=5)
CONTENT = {"envelope": b"sealed", "wrapped": b"key"}


async def put(database: Database, *chats: str, lane: int = 0, about: str | None = None) -> None:
    """Put a row for each chat, in this order."""
    async with database.begin() as work:
        for chat in chats:
            values: dict[str, Any] = {"chat_tag": chat.encode(), "lane": lane, **CONTENT}
            await queue.put(work, {**values, "about_tag": about.encode() if about else None})


async def claimed(database: Database, owner: str = "me", now: datetime = NOW, most: int = 100) -> list[tuple[int, str]]:
    """Claim; (id, chat) of each row."""
    async with database.begin() as work:
        return [(row.id, row.chat_tag.decode()) for row in await queue.claim(work, owner, now, LEASE, most)]


async def ids_of(database: Database, owner: str = "me", *, sending: bool = False) -> list[int]:
    """Claim everything, and with `sending` mark it as about to be sent."""
    ids = [row_id for row_id, _ in await claimed(database, owner)]
    if sending:
        async with database.begin() as work:
            assert await queue.mark_sending(work, ids, owner, NOW + LEASE) == set(ids)
    return ids


async def states(database: Database) -> dict[str, int]:
    async with database.reading() as work:
        return await queue.counts(work)


async def test_rows_are_claimed_oldest_first_and_answers_before_the_many(database: Database) -> None:
    await put(database, "a", "b", lane=1)
    await put(database, "c", "d")
    assert [chat for _, chat in await claimed(database)] == ["c", "d", "a", "b"]
    assert await claimed(database) == []


async def test_only_so_many_are_claimed_as_were_asked_for(database: Database) -> None:
    await put(database, *"abcde")
    assert len(await claimed(database, most=2)) == 2
    assert len(await claimed(database, most=9)) == 3


@pytest.mark.parametrize("sending", [False, True])
async def test_a_chat_waits_while_an_earlier_row_of_it_is_under_way(database: Database, sending: bool) -> None:
    await put(database, "a")
    ids = await ids_of(database, sending=sending)
    await put(database, "a", "b")
    assert [chat for _, chat in await claimed(database, "other")] == ["b"]
    async with database.begin() as work:
        await queue.said(work, ids)
    assert [chat for _, chat in await claimed(database, "other")] == ["a"]


async def test_what_waits_for_another_try_holds_up_what_came_after_it(database: Database) -> None:
    await put(database, "a", "a", "b")
    first = (await claimed(database, most=1))[0][0]
    async with database.begin() as work:
        await queue.give_back(work, [first], LATER, begun=False)
    assert [chat for _, chat in await claimed(database)] == ["b"]
    assert await claimed(database, now=LATER, most=1) == [(first, "a")]


async def test_no_row_is_claimed_twice_by_several_at_once_and_each_chat_stays_in_order(database: Database) -> None:
    chats = [f"{n}" for n in range(12)]
    for _ in range(6):
        await put(database, *chats)
    heard: dict[str, list[int]] = defaultdict(list)

    async def speak(owner: str) -> None:
        idle = 0
        while idle < 3:
            async with database.begin() as work:
                taken = await queue.claim(work, owner, NOW, LEASE, 5)
                ids = [row.id for row in taken]
                assert await queue.mark_sending(work, ids, owner, NOW + LEASE) == set(ids)
            for row in taken:
                heard[row.chat_tag.decode()].append(row.id)
            idle = 0 if taken else idle + 1
            async with database.begin() as work:
                assert await queue.said(work, ids) == set(ids)

    await asyncio.gather(*(speak(f"speaker {n}") for n in range(6)))
    assert sorted(heard) == sorted(chats)
    assert all(ids == sorted(ids) and len(set(ids)) == 6 for ids in heard.values())
    assert await states(database) == {}


async def test_only_what_somebody_has_leased_can_be_marked_by_them(database: Database) -> None:
    await put(database, *"ab")
    ids = await ids_of(database)
    async with database.begin() as work:
        assert await queue.mark_sending(work, ids, "other", LATER) == set()
        assert await queue.mark_sending(work, ids, "me", LATER) == set(ids)
        assert await queue.mark_sending(work, ids, "me", LATER) == set()


@pytest.mark.parametrize(("lane", "after"), [(0, "waiting"), (1, "uncertain")])
async def test_what_the_dead_were_sending_is_said_again_or_is_uncertain(
    database: Database, lane: int, after: str
) -> None:
    await put(database, "a", lane=lane)
    await ids_of(database, sending=True)
    async with database.begin() as work:
        await queue.take_over(work, NOW + LEASE)
    assert await states(database) == {"sending": 1}
    async with database.begin() as work:
        await queue.take_over(work, NOW + LEASE + timedelta(seconds=1))
    assert await states(database) == {after: 1}


async def test_what_the_dead_had_only_leased_waits_again(database: Database) -> None:
    await put(database, "a")
    await put(database, "b", lane=1)
    await ids_of(database)
    async with database.begin() as work:
        await queue.take_over(work, NOW, all_of_them=True)
    assert await states(database) == {"waiting": 2}


async def test_a_renewed_lease_is_not_taken_over(database: Database) -> None:
    await put(database, "a")
    await ids_of(database)
    async with database.begin() as work:
        await queue.renew(work, "me", NOW + 3 * LEASE)
        await queue.take_over(work, NOW + 2 * LEASE)
    assert await states(database) == {"leased": 1}


async def only_row(work: UnitOfWork) -> dict[str, Any]:
    (row,) = await rows(work, "outbox")
    return row


@pytest.mark.parametrize("how", ["refused", "taken over"])
async def test_a_row_that_is_over_holds_no_content_and_not_what_it_was_about(database: Database, how: str) -> None:
    await put(database, "a", lane=1, about="signal")
    ids = await ids_of(database, sending=True)
    async with database.begin() as work:
        if how == "refused":
            await queue.end(work, ids, "failed", "BadRequest")
        else:
            await queue.take_over(work, NOW, all_of_them=True)
        row = await only_row(work)
    assert (row["envelope"], row["wrapped"], row["about_tag"], row["owner"]) == (b"", b"", None, None)
    assert row["ended_on"] == NOW.date()


async def test_what_was_not_begun_is_given_back_only_while_it_is_leased(database: Database) -> None:
    await put(database, "a")
    ids = await ids_of(database, "dead")
    async with database.begin() as work:
        await queue.take_over(work, NOW, all_of_them=True)
    assert await ids_of(database, "alive", sending=True) == ids
    async with database.begin() as work:
        await queue.give_back(work, ids, None, begun=False)
    assert await states(database) == {"sending": 1}


async def test_a_failed_try_is_counted_and_a_halted_one_is_not(database: Database) -> None:
    await put(database, "a")
    ids = await ids_of(database, sending=True)
    async with database.begin() as work:
        await queue.give_back(work, ids, None, begun=True)
        assert (await only_row(work))["attempts"] == 0
    ids = await ids_of(database, sending=True)
    async with database.begin() as work:
        await queue.give_back(work, ids, LATER, begun=True, failed=True)
        assert (await only_row(work))["attempts"] == 1


async def test_only_what_was_still_there_counts_as_said(database: Database) -> None:
    await put(database, "a", "b")
    ids = await ids_of(database, sending=True)
    async with database.begin() as work:
        await queue.drop_for_chat(work, b"a")
        assert await queue.said(work, ids) == {ids[1]}


async def test_the_next_moment_is_the_earliest_one_to_come(database: Database) -> None:
    await put(database, *"abc")
    ids = await ids_of(database)
    async with database.begin() as work:
        assert await queue.next_due(work, NOW) is None
        for row_id, seconds in zip(ids, (0, 7, 4), strict=True):
            await queue.give_back(work, [row_id], NOW + timedelta(seconds=seconds), begun=False)
        assert await queue.next_due(work, NOW) == NOW + timedelta(seconds=4)


async def test_what_is_about_one_thing_is_forgotten_in_whatever_state_it_is(database: Database) -> None:
    await put(database, "a", about="signal")
    await ids_of(database, sending=True)
    await put(database, "b", "c", about="signal")
    await put(database, "d", about="another")
    async with database.begin() as work:
        await queue.drop_about(work, b"signal")
        assert (await only_row(work))["chat_tag"] == b"d"


async def test_what_ended_is_forgotten(database: Database) -> None:
    await put(database, "a", "b")
    ids = await ids_of(database)
    async with database.begin() as work:
        await queue.end(work, ids[:1], "blocked", "Forbidden")
        await queue.drop_ended(work, NOW.date())
        assert len(await rows(work, "outbox")) == 2
        await queue.drop_ended(work, NOW.date() + timedelta(days=1))
        assert (await only_row(work))["id"] == ids[1]
