"""Behind PgBouncer in transaction mode: `?pooler=transaction` in the address, and all goes on as without it."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from domain.sealing import KeyRing
from storage.engine.away import DatabaseAway
from storage.engine.database import POSTGRES_LIMITS, WrongDatabaseUrl, checked_url, migrate
from storage.people import rates
from tests.opened import opened, rows
from tests.pgbouncer import pgbouncer
from tests.postgres import PostgresServer


@pytest.fixture
def pooled_url(postgres_url: str, postgres_server: PostgresServer) -> Iterator[str]:
    """Address of a fresh, migrated database behind PgBouncer, with two sessions for all."""
    with pgbouncer(postgres_server) as port:
        yield f"{postgres_url.replace(f':{postgres_server.port}/', f':{port}/')}?pooler=transaction"


async def test_many_at_once_share_two_sessions(pooled_url: str, keys: KeyRing) -> None:
    await asyncio.to_thread(migrate, pooled_url, "-1")
    await asyncio.to_thread(migrate, pooled_url)
    async with opened(pooled_url, keys) as one, opened(pooled_url, keys) as other:

        async def count(number: int) -> None:
            for _ in range(10):
                async with (one if number % 2 else other).begin() as work:
                    await rates.once_more(work, b"%d" % number)
                    assert await rows(work, "rates")
                    await work.run(text("SELECT 1"))

        await asyncio.gather(*map(count, range(16)))
        async with one.reading() as work:
            assert sorted(row["times"] for row in await rows(work, "rates")) == [10] * 16


async def test_a_transaction_that_stands_still_is_ended_there_too(pooled_url: str, keys: KeyRing) -> None:
    async with opened(pooled_url, keys) as database:
        for begin in (database.begin, database.reading):
            async with begin() as work:
                told = {name: (await work.run(text(f"SHOW {name}"))).scalar_one() for name in POSTGRES_LIMITS}
            assert told == POSTGRES_LIMITS
        with pytest.raises(DatabaseAway):
            async with database.begin() as work:
                await work.run(text("SET LOCAL idle_in_transaction_session_timeout = '200ms'"))
                await asyncio.sleep(1.0)
                await rates.once_more(work, b"x")
        async with database.begin() as work:
            await rates.once_more(work, b"x")


def test_another_mode_is_refused_in_words() -> None:
    with pytest.raises(WrongDatabaseUrl, match="pool_mode = transaction"):
        checked_url("postgresql://x@127.0.0.1/x?pooler=session")
