"""Clock moments of the staff."""

from services.staff import sign_in
from services.upkeep import retention
from services.work import Work


async def sessions_are_over(work: Work) -> None:
    """Sessions that are over are forgotten, and requests that nobody repeats any more."""
    await sign_in.forget_ended(work)


async def reading_is_old(work: Work) -> None:
    """Entries of the access log are deleted after 24 months."""
    await retention.forget_readings(work)
