"""Fixtures for tests of storage and services: an open database with keys, and a clock that the test moves."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from domain.sealing import KeyRing, new_key
from storage.engine.database import Database
from storage.engine.unit_of_work import UnitOfWork
from storage.upkeep.tables import metadata

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass: `minutes=30`, `days=1`."""
        self.now += timedelta(**by)


def fresh_keys() -> KeyRing:
    """The keys of a new deployment."""
    return KeyRing({1: new_key()}, new_key())


@asynccontextmanager
async def opened(url: str, keys: KeyRing, clock: Clock | None = None) -> AsyncIterator[Database]:
    """The database at `url`, closed afterwards."""
    database = Database(url, keys, clock or Clock())
    try:
        yield database
    finally:
        await database.close()


async def rows(work: UnitOfWork, name: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in (await work.run(select(table(name)))).mappings()]


async def everything(work: UnitOfWork) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    return {name: await rows(work, name) for name in metadata.tables}


def table(name: str) -> Table:
    """A table by its name."""
    return metadata.tables[name]


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def keys() -> KeyRing:
    """Fresh keys."""
    return fresh_keys()


@pytest.fixture
async def database(database_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An open, migrated, empty database; the test runs on SQLite and on PostgreSQL."""
    async with opened(database_url, keys, clock) as it:
        yield it


@pytest.fixture
def other_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """Address of a second fresh database, of the other kind than `database_url`."""
    url: str = request.getfixturevalue("postgres_url" if database_url.startswith("sqlite") else "sqlite_url")
    return url


@pytest.fixture
def logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For tests that start the program's own logging: restores pytest's logging and the exception hooks afterwards."""
    for place, name in (
        (sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"), (logging, "raiseExceptions"),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, getattr(place, name))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # start_logging would close what it removes
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
