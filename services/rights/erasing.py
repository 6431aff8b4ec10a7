"""What residents can do with what is kept of them: see everything, erase everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.sealing import Place, unseal_json
from services.broadcasts import audience
from services.budget import voting
from services.meetings import rsvp
from services.outbox import saying
from services.people import updates
from services.people.residents import Resident, conversation
from services.rights import insight
from services.signals import reporting
from services.signals.sealed_places import asker_tag, opener_tag
from services.work import Work
from storage.engine import vault
from storage.outbox import queue
from storage.people import phone_messages, residents
from storage.people import updates as update_rows
from storage.signals import cases, line_cuts


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
        "telegram_id": contact["telegram_id"],
        "chat_id": contact["chat_id"],
        "unfinished_conversation": conversation(replace(resident, state=row.state)),
        "signals": await insight.signals_of(work, resident.telegram_id),
        "signals_opened_by_code_on": await insight.opened_on(work, resident.telegram_id),
        "lines_being_cut": await insight.being_cut(work, resident.telegram_id),
        "meetings": await rsvp.my_meetings(work, resident.telegram_id),
        "unfinished_ballot": await insight.ballot_of(work, resident.telegram_id),
        "counts_per_hour": await insight.counts_of(work, resident.telegram_id),
        "news": await audience.of_resident(work, resident, resident.telegram_id),
        "messages": await insight.messages_of(work, resident.chat_id),
        "updates_not_handled": await updates.buried_of(work, resident.chat_id),
    }


async def erase(work: Work, resident: Resident) -> None:
    """Erase everything of the resident: record keys destroyed, rows removed, nothing more is said to them.

    Only counts stay, under tags: those per hour up to a day, else erasing would be a way to guess codes without end,
    and the chat's pace for an hour.
    """
    await reporting.erase_all(work, resident.telegram_id)
    await rsvp.erase_all(work, resident.telegram_id)
    await audience.forget(work, resident.telegram_id)
    await voting.drop_draft(work, resident.telegram_id)
    await vault.destroy_record(work, resident.record_id, "person")
    await residents.drop_person(work, resident.tag)
    tag = saying.chat_tag(work.keys, resident.chat_id)
    await queue.drop_for_chat(work, tag)
    await phone_messages.drop_for_chat(work, tag)
    await update_rows.drop_dead_letters(work, chat_tag=tag)
    await cases.drop_opener(work, opener_tag(work.keys, resident.telegram_id))
    await line_cuts.drop_of(work, asker_tag(work.keys, resident.telegram_id))
