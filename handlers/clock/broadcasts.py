"""Clock moments of invitations to many."""

from services.broadcasts import census, recipients
from services.work import Work


async def broadcasts_go_on(work: Work) -> None:
    """The next recipients of what is being sent go into the outbox."""
    await recipients.feed(work)


async def audiences_are_put_in(work: Work) -> None:
    """What is being sent gets one more slice of its audience."""
    await recipients.fill(work)


async def broadcasts_are_old(work: Work) -> None:
    """What waits for a week expires; after 30 days who got it is forgotten."""
    await recipients.expire(work)
    await recipients.forget(work)


async def readers_are_counted(work: Work) -> None:
    """Where those who want news are many, the next slice of them is counted."""
    await census.go_on(work)
