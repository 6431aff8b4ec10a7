"""Residents themselves: they arrive, choose a language, are in a conversation, and can be reached or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from domain.reach import Reach, seal_reach
from domain.sealing import CannotOpen, KeyRing, Place, seal_json, unseal_json
from locales.texts import nearest
from services.work import Work
from storage.engine import vault
from storage.people import residents

CONVERSATION_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who writes to the bot, as far as one update needs to know them."""

    tag: bytes = field(repr=False)
    reach: Reach
    language: str
    language_chosen: bool
    warned: bool
    reachable: bool
    record_id: str = field(repr=False)
    key: bytes = field(repr=False)
    state: bytes | None = field(repr=False, default=None)


def person_tag(keys: KeyRing, reach: Reach) -> bytes:
    """A resident's pseudonym in the table of people."""
    return keys.tag("people", reach.plain)


def rate_tag(keys: KeyRing, what: str, reach: Reach) -> bytes:
    """The pseudonym under which it is counted how often a resident did `what` ("report", "guess", "vote")."""
    return keys.tag("rates", f"{what}:{reach.plain}")


async def arrive(work: Work, reach: Reach, language: str | None) -> Resident:
    """Find the resident, or make a new one whose language is the nearest to `language`, their app's (a BCP 47 tag).

    A resident who writes is reachable again. Raises CannotOpen when their record's key is damaged.
    """
    tag = person_tag(work.keys, reach)
    row = await residents.person_by_tag(work, tag)
    if row is None:
        row = await _new_person(work, tag, reach, language)
    if not row.reachable:
        await residents.change_person(work, tag, reachable=True)
    key = work.keys.unwrap(row.wrapped, row.record_id)
    touched = row.touched_at
    fresh = touched is not None and touched >= work.now - CONVERSATION_KEPT
    return Resident(
        tag, reach, row.language, row.language_chosen, row.warned, True, row.record_id, key,
        row.state if fresh else None,
    )  # fmt: skip


async def _new_person(work: Work, tag: bytes, reach: Reach, language: str | None) -> residents.PersonRow:
    record, key = await vault.new_record(work)
    contact = seal_reach(key, reach, Place("people", record, "contact"))
    values = {
        "tag": tag, "record_id": record, "contact": contact, "language": nearest(language),
        "language_chosen": False, "warned": False, "reachable": True, "since": work.today,
    }  # fmt: skip
    if not await residents.add_person(work, values):
        await vault.destroy_record(work, record, "unused")
    found = await residents.person_by_tag(work, tag)
    if found is None:
        raise CannotOpen("a resident without a record key")
    return found


async def choose_language(work: Work, resident: Resident, language: str) -> Resident:
    """Speak `language` (one of locales.texts.LANGUAGES) from now on."""
    await residents.change_person(work, resident.tag, language=language, language_chosen=True)
    return replace(resident, language=language, language_chosen=True)


async def accept_warning(work: Work, resident: Resident) -> Resident:
    """Note that the resident has read the warning about what can't be promised."""
    await residents.change_person(work, resident.tag, warned=True)
    return replace(resident, warned=True)


def conversation(resident: Resident) -> dict[str, Any] | None:
    """The state of the conversation the resident is in, JSON-able; None when there is none younger than 7 days."""
    if resident.state is None:
        return None
    state: dict[str, Any] = unseal_json(resident.key, resident.state, _state_place(resident))
    return state


async def keep_conversation(work: Work, resident: Resident, plain: dict[str, Any]) -> None:
    """Keep the state of the conversation, sealed under the resident's record key."""
    await residents.keep_state(work, resident.tag, seal_json(resident.key, plain, _state_place(resident)))


async def end_conversation(work: Work, resident: Resident) -> None:
    """Forget the conversation."""
    await residents.drop_state(work, resident.tag)


async def forget_in_conversation(work: Work, reach: Reach, name: str) -> None:
    """Take every part that contains `name`, the id of a signal whose line was cut, out of the kept conversation."""
    row = await residents.person_by_tag(work, person_tag(work.keys, reach), lock=False)
    if row is None or row.state is None:
        return
    key, where = work.keys.unwrap(row.wrapped, row.record_id), Place("conversations", row.record_id, "state")
    plain = unseal_json(key, row.state, where)
    kept = {part: value for part, value in plain.items() if part == "flows" or name not in str(value)}
    if "flows" in kept:
        kept["flows"] = [flow for flow in kept["flows"] if name not in str(flow)]
    if kept != plain:
        await residents.keep_state(work, row.tag, seal_json(key, kept, where))


async def forget(work: Work, resident: Resident) -> None:
    """Forget who the resident is: record key, language, contact and conversation."""
    await vault.destroy_record(work, resident.record_id, "person")
    await residents.drop_person(work, resident.tag)


async def lost_contact(work: Work, reach: Reach) -> None:
    """Note that the resident blocked the bot: nothing is said to them until they write again."""
    await residents.change_person(work, person_tag(work.keys, reach), reachable=False)


async def wants_to_hear(work: Work, reach: Reach) -> bool:
    """Whether the bot may write to the resident unasked: not after /stop or a block, until they write again."""
    return not await residents.is_unreachable(work, person_tag(work.keys, reach))


async def languages(work: Work, reaches: Sequence[Reach]) -> dict[Reach, str]:
    """The language of each of these residents, as far as they are known."""
    tags = {person_tag(work.keys, reach): reach for reach in reaches}
    found = await residents.languages_of(work, list(tags))
    return {tags[tag]: language for tag, language in found.items()}


async def wishes(work: Work, reaches: Sequence[Reach]) -> dict[Reach, tuple[bool, bool]]:
    """For each of these residents that is known: (whether they can be reached, whether they want news)."""
    tags = {person_tag(work.keys, reach): reach for reach in reaches}
    return {tags[tag]: found for tag, found in (await residents.news_of(work, list(tags))).items()}


def _state_place(resident: Resident) -> Place:
    return Place("conversations", resident.record_id, "state")
