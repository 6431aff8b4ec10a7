"""The bench that these tests work on, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.handlers.chat.phones import Bench, Phone, open_bench


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[Bench]:
    """Open a bench on a fresh database."""
    async with open_bench(database_url) as opened:
        yield opened


@pytest.fixture
def phone(bench: Bench) -> Phone:
    """Give one resident, who has not come in yet."""
    return bench.phone()
