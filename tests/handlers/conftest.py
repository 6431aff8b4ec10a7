"""Fixtures of the handler tests: a bench (chat/phones.py: handlers without a network) on both databases, a phone."""

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
    """Give the phone of a resident who has not written yet."""
    return bench.phone()
