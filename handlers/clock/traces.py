"""Clock moments of technical traces: marks, rates, allowances, dead letters."""

from services.upkeep import retention
from services.work import Work


async def traces_are_old(work: Work) -> None:
    """Marks of updates, counts per hour and phone messages go once they serve nothing any more."""
    await retention.forget_traces(work)
