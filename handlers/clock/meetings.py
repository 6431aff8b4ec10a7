"""Clock moments of meetings and their reminders."""

from services.meetings import planning, reminders
from services.work import Work


async def reminders_are_due(work: Work) -> None:
    """What is to be said about a meeting at this moment goes into the outbox."""
    await reminders.say_due(work)


async def meetings_are_over(work: Work) -> None:
    """A meeting whose end has come was held."""
    await planning.end_passed(work)


async def guests_are_old(work: Work) -> None:
    """Who came to a meeting is forgotten 30 days after its end."""
    await planning.forget_guests(work)
