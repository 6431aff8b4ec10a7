"""Clock moments of technical traces, such as marks of updates, counts per hour and dead letters."""

from services.upkeep import retention
from services.work import Work


async def traces_are_old(work: Work) -> None:
    """Marks of updates, counts per hour, phone messages and other traces are deleted once they have no use any more."""
    await retention.forget_traces(work)
