"""Clock moments of invitations to many."""

from services.broadcasts import census, recipients
from services.work import Work


async def broadcasts_go_on(work: Work) -> None:
    """Messages to the next recipients of broadcasts that are being sent go into the outbox."""
    await recipients.feed(work)


async def audiences_are_put_in(work: Work) -> None:
    """Each broadcast that is being sent gets one more slice of its audience, until it is complete."""
    await recipients.fill(work)


async def broadcasts_are_old(work: Work) -> None:
    """A broadcast is sent to nobody more than a week after its start; after 30 days its recipients are forgotten."""
    await recipients.expire(work)
    await recipients.forget(work)


async def readers_are_counted(work: Work) -> None:
    """Where many residents want news, the next slice of them is counted."""
    await census.go_on(work)
