"""Clock moments of residents."""

from services import retention
from services.work import Work


async def drafts_are_old(work: Work) -> None:
    """A conversation that nobody touched for 7 days is forgotten."""
    await retention.forget_drafts(work)
