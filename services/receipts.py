"""What became of one of many: the outbox tells the subject that asked for a receipt `subject:id`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from services import voting
from services.work import Work

SENT, BLOCKED, FAILED, UNCERTAIN = "sent", "blocked", "failed", "uncertain"
Noted = Callable[[Work, str, str], Awaitable[None]]
# Subject -> what notes (work, id, one of the four states above), in the unit of work that settles the row.
SUBJECTS: Mapping[str, Noted] = {
    "draft": voting.note_reminder,
}


async def note(work: Work, receipt: str | None, state: str) -> None:
    """Tell the subject, if the row had asked for it."""
    if receipt is not None:
        subject, _, about = receipt.partition(":")
        await SUBJECTS[subject](work, about, state)
