"""Connections are lent to one at a time, used again, and closed when there are too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engine.lending import Lender


@pytest.fixture
async def lender(sqlite_url: str) -> AsyncIterator[Lender]:
    """Give a lender of two connections, of which one stays open."""
    engine = create_async_engine(sqlite_url, pool_size=2, max_overflow=0, isolation_level="AUTOCOMMIT")
    one = Lender(engine, most=2, kept=1, patience=0.05)
    yield one
    await one.close()


async def test_a_connection_is_used_again_by_whoever_comes_next(lender: Lender) -> None:
    first = await lender.take()
    await lender.give_back(first)
    assert (await lender.take()).connection is first.connection
    await lender.give_back(first)


async def test_who_waits_too_long_is_told_so_and_takes_no_place(lender: Lender) -> None:
    lent = [await lender.take(), await lender.take()]
    with pytest.raises(TimeoutError):
        await lender.take()
    for one in lent:
        await lender.give_back(one)
    for one in [await lender.take(), await lender.take()]:
        await lender.give_back(one)


async def test_who_waits_is_served_in_the_order_of_asking(lender: Lender) -> None:
    held, served = [await lender.take(), await lender.take()], []

    async def waits(name: str) -> None:
        one = await lender.take()
        served.append(name)
        await lender.give_back(one)

    tasks = [asyncio.create_task(waits(name)) for name in "abc"]
    await asyncio.sleep(0)
    for one in held:
        await lender.give_back(one)
    await asyncio.gather(*tasks)
    assert served == ["a", "b", "c"]


async def test_one_too_many_and_one_that_was_given_up_are_closed(lender: Lender) -> None:
    first, second = await lender.take(), await lender.take()
    await lender.give_back(first)
    await lender.give_back(second)
    assert second.connection.closed
    assert not first.connection.closed
    again = await lender.take()
    await again.connection.invalidate()
    await lender.give_back(again)
    assert again.connection.closed
    fresh = await lender.take()
    assert fresh.is_sound
    await lender.give_back(fresh)
