"""The office that these tests work in, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.handlers.api.office import Office, open_office


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """Open an office on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened
