"""The invariants of the data, checked from outside: the local Telegram's ledger against the database.

I4, I5, I6 and I9 belong to the vote, the meeting and the broadcast, and are checked where those are tested.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from domain.sealing import unseal
from services.people import updates
from services.signals import sealed_places
from services.speaking import delivering
from services.staff import access
from storage.engine import vault
from storage.engine.database import Database
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.signals.cases import SignalTable, id_by_code, messages_of
from tests.faults.journeys import Promises

Entry = dict[str, Any]


@dataclass
class Evidence:
    """What was promised, what Telegram saw, and what is in the store."""

    promises: Promises
    ledger: list[Entry]
    stories: dict[str, str] = field(default_factory=dict)  # signal id -> first story
    codes: dict[str, str] = field(default_factory=dict)  # code -> signal id
    outbox: dict[str, int] = field(default_factory=dict)  # state -> rows
    dead_letters: int = 0
    chain_is_whole: bool = True


async def gather(database: Database, promises: Promises, ledger: list[Entry]) -> Evidence:
    """Collect the evidence from the database, opened with its keys."""
    evidence = Evidence(promises, ledger)
    async with database.reading() as work:
        for row in (await work.run(select(table_of(SignalTable)))).mappings().all():
            key = await vault.open_record(work, row["record_id"])
            first = (await messages_of(work, row["id"]))[0]
            evidence.stories[row["id"]] = unseal(key, first.words, sealed_places.message_place(first.id)).decode()
        for code in promises.codes.values():
            evidence.codes[code] = await _by_code(work, code)
        evidence.outbox = await delivering.waiting(work)
        evidence.dead_letters = await updates.buried(work)
        evidence.chain_is_whole = (await access.verify(work)).broken is None
    return evidence


async def _by_code(work: UnitOfWork, code: str) -> str:
    return await id_by_code(work, sealed_places.code_tag(work.keys, code)) or ""


def broken(evidence: Evidence) -> list[str]:
    """Which invariants do not hold, in words; empty when all do."""
    return [*_i1(evidence), *_i2(evidence), *_i3(evidence), *_i7(evidence)]


def _i1(evidence: Evidence) -> list[str]:
    """An update that was acknowledged has its effect exactly once."""
    waiting = unsettled(evidence.ledger)
    times = Counter(evidence.stories.values())
    found = [f"I1 {count} signals with one story" for count in times.values() if count > 1]
    found += [f"I1 {len(waiting)} updates never accepted"] if waiting else []
    found += [f"I1 {evidence.dead_letters} dead letters"] if evidence.dead_letters else []
    unasked = set(times) - set(evidence.promises.codes)
    return found + ([f"I1 {len(unasked)} signals that nobody was told of"] if unasked else [])


def _i2(evidence: Evidence) -> list[str]:
    """A resident who was told "received, code X" finds signal X."""
    wrong = [
        story
        for story, code in evidence.promises.codes.items()
        if evidence.stories.get(evidence.codes.get(code, "")) != story
    ]
    return [f"I2 {len(wrong)} promised signals are not there"] if wrong else []


def _i3(evidence: Evidence) -> list[str]:
    """Every signal has a confirmation sent or waiting."""
    said = " ".join(str(entry.get("text", "")) for entry in evidence.ledger if entry["kind"] == "call" and entry["ok"])
    told = {signal for code, signal in evidence.codes.items() if code in said}
    silent = set(evidence.stories) - told
    waiting = sum(evidence.outbox.get(state, 0) for state in ("waiting", "leased", "sending"))
    return [f"I3 {len(silent)} signals without a confirmation"] if len(silent) > waiting else []


def _i7(evidence: Evidence) -> list[str]:
    """The chains verify."""
    return [] if evidence.chain_is_whole else ["I7 the access log's chain is broken"]


def unsettled(ledger: list[Entry]) -> set[int]:
    """Updates that Telegram still holds. A press it drops after 150 seconds was never ours; people press again."""
    ends = {entry["update_id"] for entry in ledger if entry["kind"] in {"update_accepted", "update_expired"}}
    return {entry["update_id"] for entry in ledger if entry["kind"] == "update_made"} - ends


def unheard(ledger: list[Entry]) -> set[int]:
    """Chats whose last text was accepted and to which nothing was sent since."""
    texts = {entry["update_id"] for entry in ledger if entry["kind"] == "update_made" and entry["type"] == "message"}
    waiting = set[int]()
    for entry in ledger:
        if entry["kind"] == "update_accepted" and entry["update_id"] in texts:
            waiting.add(entry["chat"])
        elif entry["kind"] == "call":
            waiting.discard(entry.get("chat", 0))
    return waiting


def said_twice(ledger: list[Entry]) -> int:
    """How many sends or edits repeat an earlier text with a signal's code: the price of a lost answer."""
    sends = [
        (entry["chat"], entry.get("message_id") if entry["method"] == "editMessageText" else None, entry.get("text"))
        for entry in ledger
        if entry["kind"] == "call" and entry.get("method") in {"sendMessage", "editMessageText"}
    ]
    receipts = Counter(key for key in sends if key[2] and "SNW-" in key[2])
    return sum(times - 1 for times in receipts.values())
