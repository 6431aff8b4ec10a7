"""What sending a broadcast would do, as shown to whoever asks for it and whoever approves it; what it needs first."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass

from domain.broadcasts import rules
from domain.broadcasts.rules import COUNTED, TEST_FROM, AudienceCounts, Content
from domain.staff.rights import StaffRole
from services.broadcasts import audience, census
from services.staff import accounts
from services.work import Work
from storage.broadcasts import invitations
from storage.broadcasts.invitations import BroadcastRow


@dataclass(frozen=True, slots=True)
class Outlook:
    """What happens if a broadcast is sent now.

    counts: the audience, in steps of 5 · asked_by: role and organisation of the person who asked for approval, None
    while nobody has or when they left · week: how many messages at most went out in seven days without a second person
    · second_person: "" when none is needed, else why: many, week · needs_test: it must first be seen on a phone ·
    minutes: how long it takes at most · seen: a hash of all this; only what was seen may be sent.
    """

    content: Content
    counts: AudienceCounts
    asked_by: tuple[StaffRole, str] | None
    week: int
    second_person: str
    needs_test: bool
    minutes: int
    seen: str


async def outlook(work: Work, row: BroadcastRow, content: Content, approval_from: int) -> Outlook:
    """What happens if this broadcast is sent now."""
    counts = rules.shown(await census.counted(work, content))
    week = await _without_second_person(work)
    second_person = ""
    if counts.most >= approval_from:
        second_person = "many"
    elif counts.most and counts.most + week >= approval_from:
        second_person = "week"
    cells = [[*cell, number] for cell, number in counts.cells.items()]
    seen = hashlib.sha256(json.dumps([row.id, row.version, cells, second_person]).encode()).hexdigest()[:32]
    return Outlook(
        content,
        counts,
        await accounts.who(work, row.asked_tag) if row.asked_tag else None,
        week,
        second_person,
        counts.most >= TEST_FROM and not row.tested,
        max(-(-counts.most // (rules.A_SECOND * 60)), -(-await audience.slices(work) // 60)),
        seen,
    )


async def _without_second_person(work: Work) -> int:
    """How many messages at most went out, or still may, in the last seven days on the word of one person alone.

    All senders count together: otherwise two colleagues could each send half. Another who sends now waits here.
    """
    total = 0
    await invitations.make_audience_alone(work)
    recent = await invitations.under_way_since(work, work.now - rules.WEEK)
    for row in await invitations.not_approved(work, recent):
        languages: Counter[tuple[str, str]] = Counter()
        for (language, state), times in (await invitations.tallied(work, row.id)).items():
            if state in COUNTED:
                languages[language, ""] += times
        total += max(rules.shown(languages).most, row.most if _still_fills(row) else 0)
    return total


def _still_fills(row: BroadcastRow) -> bool:
    """Whether more of its audience may still be added, also while it is paused, for it may go on."""
    return row.filled < row.slices and row.ended_at is None
