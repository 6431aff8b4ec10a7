"""Clock moments of the budget."""

from services.budget import closing
from services.work import Work


async def votes_are_due(work: Work) -> None:
    """A vote whose time has come opens, one whose time is over closes."""
    await closing.open_and_close_due(work)


async def evening_has_come(work: Work) -> None:
    """In the evening the commitments to the day's ballots are appended to the round's chain."""
    await closing.commit_evening(work)


async def ballots_are_unfinished(work: Work) -> None:
    """On the last day of a vote, residents who chose plans but have not cast their ballot are reminded once."""
    await closing.remind_unfinished(work)


async def votes_were_missed(work: Work) -> None:
    """Votes whose close fell into an outage of the program or the database are halted until staff give more time."""
    await closing.halt_missed(work)
