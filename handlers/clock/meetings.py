"""Clock moments of meetings and their reminders."""

from services.meetings import planning, reminders
from services.work import Work


async def reminders_are_due(work: Work) -> None:
    """Reminders that are due go into the outbox."""
    await reminders.say_due(work)


async def meetings_are_over(work: Work) -> None:
    """A meeting whose end has come gets the state of one that was held."""
    await planning.end_passed(work)


async def guests_are_old(work: Work) -> None:
    """The guests of a meeting are forgotten 30 days after its end."""
    await planning.forget_guests(work)
