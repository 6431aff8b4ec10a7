"""Which bot a database belongs to: bound at the first start, refused to any other, given to a new one on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from domain.staff.rights import StaffRole
from services.broadcasts import recipients
from services.meetings import reminders
from services.staff import accounts
from services.work import Work
from storage.upkeep import deployment

DEMO_STAFF = {StaffRole.HANDLER: "handler@demo.example", StaffRole.ORGANISER: "organiser@demo.example"}
_DEMONSTRATION = "it holds a demonstration, with made-up staff: take a new database for your own bot"
_NO_TOKEN = "there is no BUURTSTEM_BOT_TOKEN: set it, or take a new database for the demonstration"  # noqa: S105


class OtherBot(Exception):
    """The database is not this bot's. The message says why and what to do; it begins with what is wrong."""


@dataclass(frozen=True, slots=True)
class Dying:
    """What is lost with the old bot. unsaid: messages never to be said · residents: can't be reached any more."""

    bot_id: int | None
    unsaid: int
    residents: int


async def check(work: Work, bot_id: int, *, demo: bool) -> None:
    """Raises OtherBot when the database is another bot's. Nothing is changed; the database may have an older form."""
    owner = await deployment.owner(work)
    if owner is None:
        if demo and await deployment.holds_rows(work):
            raise OtherBot(f"it holds data of no demonstration, and {_NO_TOKEN}")
        return
    if owner.demo and not demo:
        raise OtherBot(_DEMONSTRATION)
    if demo and not owner.demo:
        raise OtherBot(f"it belongs to bot {owner.bot_id}, and {_NO_TOKEN}")
    if owner.bot_id != bot_id:
        raise OtherBot(
            f"it belongs to bot {owner.bot_id} and BUURTSTEM_BOT_TOKEN is of bot {bot_id}: "
            "take the token of the first, or see what `python -m bot adopt` says"
        )


async def bind(work: Work, bot_id: int, *, demo: bool) -> None:
    """Check, and at the first start write down whose database it is. Raises OtherBot."""
    await check(work, bot_id, demo=demo)
    if await deployment.owner(work) is None:
        if not demo and {*DEMO_STAFF.values()} & {email for email, _ in await accounts.everybody(work)}:
            raise OtherBot(_DEMONSTRATION)
        if not await deployment.set_owner(work, bot_id, demo=demo):
            await check(work, bot_id, demo=demo)


async def dying(work: Work, bot_id: int) -> Dying | None:
    """What is lost if this bot takes over; None when the database is its own. Raises OtherBot for a demonstration's."""
    owner = await deployment.owner(work)
    if owner is not None and owner.demo:
        raise OtherBot(_DEMONSTRATION)
    if owner is not None and owner.bot_id == bot_id:
        return None
    return Dying(owner.bot_id if owner else None, *await deployment.would_end(work))


async def adopt(work: Work, bot_id: int) -> None:
    """Give the database to another bot. Call `dying` first: it refuses a demonstration's, and this does not."""
    await recipients.stop_all(work)
    await reminders.doubt_all(work)
    await deployment.change_owner(work, bot_id)
