"""What a resident may see of data that belongs to no subject: counts, and what is still to be said to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.screens import Screen, to_plain
from services.budget import shut_screens
from services.outbox.envelopes import chat_tag, opened
from services.people.residents import Resident, rate_tag
from services.subjects import SUBJECTS
from services.work import Work
from storage.outbox import pace, queue
from storage.people import phone_messages, rates


async def counts_of(work: Work, resident: Resident) -> dict[str, dict[str, int]]:
    """How often somebody did what is limited, such as reporting or guessing codes, in each hour still counted."""
    limited = [what for subject in SUBJECTS for what in subject.counts]
    tags = {what: rate_tag(work.keys, what, resident.reach) for what in limited}
    found = {what: await rates.counted(work, tag) for what, tag in tags.items()}
    return {what: {hour.isoformat(): times for hour, times in hours} for what, hours in found.items()}


async def messages_of(work: Work, resident: Resident) -> dict[str, Any]:
    """What is still to be said to a chat, what could not be, and which messages on the phone we could delete.

    A file that waits is shown by its name alone: the file of their data, asked for again, would else hold itself.
    """
    tag = chat_tag(work.keys, resident.reach)
    rows = await queue.unsaid_to(work, tag)
    envelopes = [opened(work.keys, envelope, wrapped) for _, _, envelope, wrapped in rows if envelope]
    used = (await pace.paces(work, [tag])).get(tag)
    return {
        "waiting": [await _waiting(work, one.screen) for one in envelopes if one.screen],
        "not_said": sum(not envelope for _, _, envelope, _ in rows),
        "on_your_phone": await phone_messages.on_phone(work, tag),
        "pace_used_until": used.isoformat() if used else None,
    }


async def _waiting(work: Work, screen: Screen) -> dict[str, Any]:
    plain = to_plain(replace(screen, document=None, shut=None))
    if (file := (await shut_screens.opened(work, screen)).document) is not None:
        plain["file"] = file.name
    return plain
