"""Clock moments of residents."""

from services.upkeep import retention
from services.work import Work


async def conversations_are_old(work: Work) -> None:
    """A conversation that nobody touched for 7 days is forgotten."""
    await retention.forget_conversations(work)
