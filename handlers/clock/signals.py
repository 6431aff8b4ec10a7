"""Clock moments of signals."""

from services import retention
from services.work import Work


async def signals_are_old(work: Work) -> None:
    """A signal that ended 12 months ago is erased."""
    await retention.forget_signals(work)


async def silence_is_long(work: Work) -> None:
    """A signal whose reporter did not answer for 60 days is closed."""
    await retention.close_silent(work)
