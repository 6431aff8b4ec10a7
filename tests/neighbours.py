"""Residents who want news, made without a conversation; and the staff who write to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.broadcasts.rules import APPROVAL_FROM, Act, BroadcastState, Content
from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.broadcasts import audience, drafts, sending
from services.broadcasts.audience import Wish
from services.people import residents
from services.staff import accounts, sign_in
from services.staff.accounts import KnownStaff, Staff
from services.work import Work
from storage.engine.database import Database

LANGUAGES = ("nl", "en", "tr", "ar")
TEXTS = {
    "nl": "Kom naar het open huis in Osdorp.",
    "en": "Come to the open house in Osdorp.",
    "tr": "Osdorp'taki açık eve gelin.",
    "ar": "تعالوا إلى البيت المفتوح في أوسدورب.",
}


async def move_in(
    database: Database,
    telegram_ids: Iterable[int],
    *,
    languages: Sequence[str] = LANGUAGES,
    neighbourhood: str | None = "FK01",
    fewer: bool = False,
) -> None:
    """Make residents who have chosen a language, accepted the warning, and want news; they take `languages` in turn."""
    async with database.begin() as work:
        for number, telegram_id in enumerate(telegram_ids):
            await opt_in(work, telegram_id, languages[number % len(languages)], Wish(neighbourhood, fewer))


async def opt_in(work: Work, telegram_id: int, language: str, wish: Wish) -> None:
    """Make one resident who has chosen a language, accepted the warning, and has this wish for news."""
    me = await residents.arrive(work, reach_of(telegram_id), language)
    me = await residents.accept_warning(work, await residents.choose_language(work, me, language))
    await audience.choose(work, me, wish)


async def organiser(
    work: Work, email: str, role: StaffRole = StaffRole.ORGANISER, areas: Sequence[str] | None = None
) -> Staff:
    """A signed-in member of staff with this address; made with this role and these areas when there is none yet."""
    try:
        link = await accounts.create(work, email, role, areas=areas)
    except KnownStaff:
        link = await accounts.new_link(work, email)
    session = await sign_in.enter(work, link)
    found = await sign_in.signed_in(work, session or "")
    assert found is not None
    return found


async def try_out(work: Work, me: Staff, broadcast_id: str) -> None:
    """A member of staff sees a draft on their own phone."""
    token = (await drafts.make_test(work, me, broadcast_id)).removeprefix("/start test-")
    assert await drafts.tried(work, token) is not None


async def look_and_act(
    work: Work, me: Staff, broadcast_id: str, what: Act, version: int, approval_from: int = APPROVAL_FROM
) -> BroadcastState:
    """Preview a broadcast, see it on a phone where that is required, then act. The broadcast's new state."""
    found = await sending.preview(work, me, broadcast_id, approval_from)
    if found.needs_test:
        await try_out(work, me, broadcast_id)
    return await sending.act(work, me, broadcast_id, what, version, approval_from, seen=found.seen)


async def invite(
    database: Database, content: Content | None = None, email: str = "first@office.example", approval_from: int = 10_000
) -> str:
    """Write a broadcast and start to send it; its id."""
    async with database.begin() as work:
        me = await organiser(work, email)
        broadcast_id = await drafts.write(work, me, content or Content(TEXTS))
        state = await look_and_act(work, me, broadcast_id, Act.SEND, 1, approval_from)
    assert state == BroadcastState.SENDING
    return broadcast_id
