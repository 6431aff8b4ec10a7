"""Fixtures of the fault tests: fresh keys, and an open database that goes by the machine's clock."""

from collections.abc import AsyncIterator

import pytest

from bot.process.clock import make_clock
from domain.sealing import KeyRing, new_key
from storage.engine.database import Database


@pytest.fixture
def keys() -> KeyRing:
    """Fresh keys."""
    return KeyRing({1: new_key()}, new_key())


@pytest.fixture
async def database(database_url: str, keys: KeyRing) -> AsyncIterator[Database]:
    """An open, migrated, empty database; the test runs on SQLite and on PostgreSQL."""
    opened = Database(database_url, keys, make_clock(""))
    yield opened
    await opened.close()
