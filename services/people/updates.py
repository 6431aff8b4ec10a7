"""Handling each update once: a mark that it was done, and a dead letter when it can't be handled."""

from __future__ import annotations

from typing import Any

from domain.reach import Reach
from domain.sealing import Place, new_id, new_key, seal_json, unseal_json
from services.outbox.envelopes import chat_tag
from services.work import Work
from storage.people import phone_messages, updates


async def first_time(work: Work, door: str, update_id: int) -> bool:
    """Mark an update of a door (such as `telegram`) as done in this unit of work. False when it already was."""
    return await updates.mark_done(work, door, update_id)


async def bury(work: Work, raw: dict[str, Any], reach: Reach, error: str) -> None:
    """Keep an update that could not be handled, sealed, with the kind of its error (never its message)."""
    letter, key = new_id(), new_key()
    values = {
        "id": letter,
        "chat_tag": chat_tag(work.keys, reach),
        "content": seal_json(key, _without_choices(raw), _place(letter)),
        "wrapped": work.keys.wrap(key, letter),
        "error": error[:80],
        "at": work.now,
    }
    await updates.add_dead_letter(work, values)


async def buried_of(work: Work, reach: Reach) -> list[Any]:
    """The updates of one resident that could not be handled, as they came."""
    found = await updates.dead_letters_of(work, chat_tag(work.keys, reach))
    return [
        unseal_json(work.keys.unwrap(wrapped, letter), content, _place(letter)) for letter, wrapped, content in found
    ]


async def forget(work: Work, reach: Reach) -> None:
    """Forget the updates of one resident that could not be handled, and which messages stand on their phone."""
    tag = chat_tag(work.keys, reach)
    await updates.drop_dead_letters(work, chat_tag=tag)
    await phone_messages.drop_for_chat(work, tag)


async def buried(work: Work) -> int:
    """How many updates could not be handled."""
    return await updates.dead_letter_count(work)


def _without_choices(raw: dict[str, Any]) -> dict[str, Any]:
    """A press without its button's value and the message it stood on: on a ballot both tell what somebody chose."""
    press = raw.get("callback_query")
    if not isinstance(press, dict):
        return raw
    message = press.get("message")
    kept = None
    if isinstance(message, dict):
        kept = {name: message[name] for name in ("message_id", "chat") if name in message}
    deed = ":".join(str(press.get("data", "")).split(":")[:2])
    return {**raw, "callback_query": {**press, "data": deed, "message": kept}}


def _place(letter: str) -> Place:
    return Place("dead_letters", letter, "content")
