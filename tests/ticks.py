"""The moments of the clock by their names: tests call the same functions as the clock."""

from handlers.subjects import MOMENTS
from storage.engine.database import Database

ACTS = {moment.name: moment.act for moment in MOMENTS}


async def tick(database: Database, name: str) -> None:
    """Run the moment with this name once, as the clock does."""
    async with database.begin() as work:
        await ACTS[name](work)
