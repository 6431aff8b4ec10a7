"""The moments of the clock by their names: tests go in where the clock does."""

from handlers.subjects import MOMENTS
from storage.engine.database import Database

ACTS = {moment.name: moment.act for moment in MOMENTS}


async def tick(database: Database, name: str) -> None:
    """The clock asks once."""
    async with database.begin() as work:
        await ACTS[name](work)
