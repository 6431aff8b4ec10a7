"""What is put off to the end of a unit of work: sent together on PostgreSQL, in order, kept whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam

from storage.engine.database import Database
from storage.engine.ready import Ready
from storage.engine.unit_of_work import table_of
from storage.people.rates import RateTable
from tests.opened import NOW, rows

RATES = table_of(RateTable)


class Refused(Exception):
    """What a handler may raise."""


def _once_more(insert: Any) -> Any:
    return insert(RATES).values(tag=bindparam("tag"), hour=NOW, times=bindparam("times")).returning(RATES.c.tag)


PUT, OTHER = Ready(_once_more), Ready(_once_more)


async def test_what_is_put_off_goes_together_on_postgresql_before_anything_else_is_asked(database: Database) -> None:
    told: list[bytes] = []
    async with database.begin() as work:
        said: list[str] = []
        with nullcontext() if work.is_sqlite else work.driver.query_logger(lambda query: said.append(query.query)):
            await work.ask_later(PUT, lambda row: told.append(row[0]), tag=b"first", times=1)
            await work.ask_later(OTHER, tag=b"second", times=2)
            assert told == ([b"first"] if work.is_sqlite else [])
            assert {row["tag"] for row in await rows(work, "rates")} == {b"first", b"second"}
        assert told == [b"first"]
        assert len([one for one in said if "INSERT" in one]) == (not work.is_sqlite)
        await work.ask_later(PUT, lambda row: told.append(row[0]), tag=b"third", times=3)
    assert told == [b"first", b"third"]
    async with database.reading() as work:
        assert {(row["tag"], row["times"]) for row in await rows(work, "rates")} == {
            (b"first", 1), (b"second", 2), (b"third", 3),
        }  # fmt: skip


async def test_what_is_put_off_twice_is_sent_in_its_order(database: Database) -> None:
    told: list[bytes] = []
    async with database.begin() as work:
        for tag in (b"first", b"second", b"third"):
            await work.ask_later(PUT, lambda row: told.append(row[0]), tag=tag, times=1)
    assert told == [b"first", b"second", b"third"]


async def test_what_was_put_off_in_a_part_that_raises_is_never_sent(database: Database) -> None:
    async with database.begin() as work:
        await work.ask_later(PUT, tag=b"before", times=1)
        with pytest.raises(Refused):
            async with work.part():
                await work.ask_later(PUT, tag=b"within", times=1)
                raise Refused
        async with work.part():
            await work.ask_later(PUT, tag=b"kept", times=1)
    with pytest.raises(Refused):
        async with database.begin() as work:
            await work.ask_later(PUT, tag=b"lost", times=1)
            raise Refused
    async with database.reading() as work:
        assert {row["tag"] for row in await rows(work, "rates")} == {b"before", b"kept"}


async def test_what_is_put_off_and_refused_by_the_database_ends_the_whole_work(database: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)):
        async with database.begin() as work:
            await work.ask_later(OTHER, tag=b"whole", times=1)
            for _ in range(2):
                await work.ask_later(PUT, tag=b"twice", times=1)
    async with database.reading() as work:
        assert await rows(work, "rates") == []
