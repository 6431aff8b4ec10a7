"""Clock moments of signals."""

from services.signals import cutting
from services.upkeep import retention
from services.work import Work


async def signals_are_old(work: Work) -> None:
    """A signal that ended 12 months ago is erased."""
    await retention.forget_signals(work)


async def silence_is_long(work: Work) -> None:
    """A signal whose reporter did not answer for 60 days is closed."""
    await retention.close_silent(work)


async def lines_are_to_be_cut(work: Work) -> None:
    """The lines that residents asked to cut are cut, in a transaction that writes nothing else."""
    await cutting.cut_asked(work)


async def cuts_are_to_be_told(work: Work) -> None:
    """Residents whose line was cut are told so."""
    await cutting.tell_cut(work)
