"""What residents can do with what is kept of them: see everything, erase everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.sealing import Place, unseal_json
from services.outbox import envelopes
from services.people.residents import Resident, conversation
from services.rights import insight
from services.subjects import SHOWS, SUBJECTS
from services.work import Work
from storage.outbox import queue
from storage.people import residents


async def my_data(work: Work, resident: Resident) -> dict[str, Any]:
    """Everything that is kept about the resident, in plain words for a file (JSON-able)."""
    row = await residents.person_by_tag(work, resident.tag)
    if row is None:
        return {}
    contact = unseal_json(resident.key, row.contact, Place("people", row.record_id, "contact"))
    return {
        "language": row.language,
        "language_chosen": row.language_chosen,
        "warned": row.warned,
        "reachable": row.reachable,
        "since": row.since.isoformat(),
        "reach": contact["reach"],
        "unfinished_conversation": conversation(replace(resident, state=row.state)),
        **{name: await shows(work, resident) for name, shows in SHOWS.items()},
        "counts_per_hour": await insight.counts_of(work, resident),
        "messages": await insight.messages_of(work, resident),
    }


async def erase(work: Work, resident: Resident) -> None:
    """Erase everything of the resident: record keys destroyed, rows removed, nothing more is said to them.

    Only counts stay, under tags: the hourly counts for up to a day, else erasing would be a way to guess codes without
    end, and the chat's pace for an hour.
    """
    for subject in SUBJECTS:
        for erases in subject.erases:
            await erases(work, resident)
    await queue.drop_for_chat(work, envelopes.chat_tag(work.keys, resident.reach))
