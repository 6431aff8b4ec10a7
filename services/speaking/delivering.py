"""The speaker's side of the outbox: take what is due at the right pace, and write down what became of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.pace import Pace, usable_until
from domain.reach import Reach
from domain.sealing import CannotOpen
from services.budget import plans, shut_screens
from services.outbox.at_once import LEASE
from services.outbox.envelopes import Envelope, chat_tag, opened
from services.outbox.saying import ANSWER, MANY, NEWS, remember
from services.people import residents
from services.speaking import receipts
from services.work import DatabaseAway, Work
from storage.outbox import pace as paces
from storage.outbox import queue

# Seconds to wait when Telegram was away or answered nonsense, a little longer each time.
RETRY_AFTER = (1, 2, 5, 10, 30, 60)
# What was surely not sent is tried for ever. What may have arrived is said again for a day, once a minute.
MOST_AMBIGUOUS = 1440
log = logging.getLogger("buurtstem.speaking")
# The states of a row of the outbox; a row that was said is gone.
STATES = ("waiting", "leased", "sending", receipts.BLOCKED, receipts.FAILED, receipts.UNCERTAIN)


class Fate(StrEnum):
    """What became of one send."""

    SAID = "said"
    BLOCKED = "blocked"  # they don't want to hear us, or are gone
    REFUSED = "refused"  # Telegram will never take this one
    HALTED = "halted"  # 429: it was not sent
    UNSENT = "unsent"  # surely not sent: no connection
    AMBIGUOUS = "ambiguous"  # the answer was lost: it may have arrived


@dataclass(frozen=True, slots=True)
class Sending:
    """One row that may be sent now."""

    id: int
    chat_tag: bytes = field(repr=False)
    lane: int
    attempts: int
    envelope: Envelope = field(repr=False)
    language: str
    owner: str | None = None
    receipt: str | None = None
    at_once: bool = False  # it was never claimed, so its pace is not yet counted


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of a row; retry_after: seconds of a 429; message_id: of what now stands on the phone."""

    sending: Sending
    fate: Fate
    message_id: int | None = None
    retry_after: float = 0
    error: str = ""


async def take_over(work: Work, *, alone: bool) -> None:
    """Free the rows that a dead process left. alone: no other process can be sending (SQLite)."""
    for receipt in await queue.take_over(work, await work.database_now(), all_of_them=alone):
        await _note_apart(work, receipt, receipts.UNCERTAIN)


async def halted_for(work: Work) -> float:
    """Seconds until sending may go on; 0 when nothing is halted."""
    now = await work.database_now()
    until = await paces.halted_until(work, now)
    return max(0.0, (until - now).total_seconds()) if until else 0.0


async def take(work: Work, owner: str, most: int, pace: Pace, many: int | None = None) -> list[Sending]:
    """Lease up to `most` rows that may go now, in order per chat; a row above its chat's pace waits in the outbox.

    many: at most so many bulk rows (lane MANY); None: as many as their pace allows. [] during a halt.
    """
    now = await work.database_now()
    if await halted_for(work):
        return []
    claimed = await queue.claim(
        work, owner, now, LEASE, most, lambda used: pace.room(used, now, most if many is None else many)
    )
    if not claimed:
        return []
    claimed = await _paced(work, claimed, now, pace)
    envelopes = await _wanted(work, await _open_all(work, claimed))
    known = await residents.languages(work, [envelope.to for _, envelope in envelopes])
    return [
        Sending(
            row.id,
            row.chat_tag,
            row.lane,
            row.attempts,
            envelope,
            envelope.language or known.get(envelope.to, ""),
            owner,
            row.receipt,
        )
        for row, envelope in envelopes
    ]


async def _paced(work: Work, claimed: list[queue.Claimed], now: datetime, pace: Pace) -> list[queue.Claimed]:
    used = {row.chat_tag: row.used_until for row in claimed}
    moved: dict[bytes, datetime] = {}
    may_go: list[queue.Claimed] = []
    held: dict[bytes, datetime] = {}
    for row in claimed:
        at, then = usable_until(used.get(row.chat_tag), now, pace.burst, pace.gap)
        if row.chat_tag in held or at > now:
            held.setdefault(row.chat_tag, at)
            await queue.give_back(work, [row.id], held[row.chat_tag], begun=False)
            continue
        used[row.chat_tag] = moved[row.chat_tag] = then
        may_go.append(row)
    if may_go:
        moved[paces.EVERYTHING] = pace.debt(claimed[0].all_used_until, now, len(may_go))
    await paces.keep_paces(work, moved)
    return may_go


async def _open_all(work: Work, claimed: Sequence[queue.Claimed]) -> list[tuple[queue.Claimed, Envelope]]:
    found = []
    for row in claimed:
        try:
            envelope = opened(work.keys, row.envelope, row.wrapped)
        except (CannotOpen, AttributeError, LookupError, TypeError, ValueError) as error:  # not in our form
            await _lost(work, row, type(error).__name__)
            continue
        if chat_tag(work.keys, envelope.to) != row.chat_tag:
            await _lost(work, row, "ForAnotherChat")  # it was moved here
            continue
        if envelope.until is not None and work.now > envelope.until:
            await queue.said(work, [row.id])
            await _note_apart(work, row.receipt, receipts.EXPIRED)
            continue
        found.append((row, await _whole(work, envelope)))
    return found


async def _wanted(work: Work, found: Sequence[tuple[queue.Claimed, Envelope]]) -> list[tuple[queue.Claimed, Envelope]]:
    """These rows without unasked messages whose reader has left, said stop, or stopped the news meanwhile."""
    unasked = [envelope.to for row, envelope in found if _is_unasked(row)]
    known = await residents.wishes(work, unasked) if unasked else {}
    wanted = []
    for row, envelope in found:
        reachable, news = known.get(envelope.to, (False, False))
        why = receipts.unwanted(row.receipt, reachable=reachable, wants_news=news) if _is_unasked(row) else None
        if why is None:
            wanted.append((row, envelope))
        else:
            await queue.said(work, [row.id])  # nothing of it stays
            await _note_apart(work, row.receipt, why)
    return wanted


def _is_unasked(row: queue.Claimed) -> bool:
    """Whether nobody asked for the message: a bulk message, or news."""
    return row.lane == MANY or row.receipt == NEWS


async def _note_apart(work: Work, receipt: str | None, state: str) -> None:
    """Tell the subject what became of its message; a failure is only logged, so that other messages don't wait."""
    try:
        async with work.part():
            await receipts.note(work, receipt, state)
    except DatabaseAway:
        raise
    except Exception as error:
        log.error("what became of a message could not be written down", exc_info=error)


async def _whole(work: Work, envelope: Envelope) -> Envelope:
    """The envelope with what is never in the row: the content of a shut screen, a photo."""
    if envelope.screen is None:
        return envelope
    screen = await shut_screens.opened(work, envelope.screen)
    picture = await plans.photo(work, screen.picture) if screen.picture is not None else None
    return replace(envelope, screen=screen, picture=picture)


async def start_sending(work: Work, owner: str, ids: Sequence[int]) -> set[int]:
    """Mark rows just before their requests, for after a crash they are ambiguous; returns those `owner` still has."""
    return await queue.mark_sending(work, ids, owner, await work.database_now() + LEASE) if ids else set()


async def renew(work: Work, owner: str) -> None:
    """Renew the leases of the rows that `owner` has under way: its process is alive."""
    await queue.renew(work, owner, await work.database_now() + LEASE)


async def free_unknown(work: Work, owner: str, known: Sequence[int]) -> None:
    """Let rows wait again that `owner` holds but does not know of (not in `known`): surely none of them was begun."""
    await queue.free_unknown(work, owner, known)


async def give_back(work: Work, rows: Sequence[Sending]) -> None:
    """Let rows wait again that were leased and not begun."""
    if rows:
        await queue.give_back(work, [row.id for row in rows], None, begun=False, owner=rows[0].owner)


async def give_up(work: Work, row: Sending, error: str) -> None:
    """End a row as failed when nothing else can be written down about it: no receipt, and it is not said again."""
    await queue.end(work, [row.id], receipts.FAILED, error)


async def settle(work: Work, results: Sequence[SendResult]) -> None:
    """Write down what became of these rows, in one transaction."""
    said = [result.sending.id for result in results if result.fate == Fate.SAID]
    there = await queue.said(work, said) if said else set()
    stand: list[tuple[Reach, int, str]] = []
    for result in results:
        if result.fate != Fate.SAID:
            await _settle_one(work, result)
        elif result.sending.id in there:
            stand += _stands(result)
            await receipts.note(work, result.sending.receipt, receipts.SENT)
    await remember(work, stand)


async def count(work: Work, settled: Sequence[Sending], pace: Pace) -> None:
    """Count the rows that were sent without a claim (`at_once`) in their chat's pace and in the pace of everything."""
    rows = [row for row in settled if row.at_once]
    if not rows:
        return
    now, tags = await work.database_now(), sorted({row.chat_tag for row in rows})
    used = await paces.paces(work, [*tags, paces.EVERYTHING])
    moved: dict[bytes, datetime] = {}
    for row in rows:
        before = moved.get(row.chat_tag, used.get(row.chat_tag))
        moved[row.chat_tag] = usable_until(before, now, pace.burst, pace.gap)[1]
    in_order = {tag: moved[tag] for tag in tags}  # always in one order: two that count must not wait for each other
    everything = pace.debt(used.get(paces.EVERYTHING), now, len(rows))
    await paces.keep_paces(work, in_order | {paces.EVERYTHING: everything})


def _stands(result: SendResult) -> list[tuple[Reach, int, str]]:
    """The message that now stands on a phone, as (reach, message id, thread); none if it is of no conversation."""
    envelope = result.sending.envelope
    if envelope.thread is None or result.message_id is None:
        return []
    return [(envelope.to, result.message_id, envelope.thread)]


async def _settle_one(work: Work, result: SendResult) -> None:
    row = result.sending
    match result.fate:
        case Fate.BLOCKED:
            await residents.lost_contact(work, row.envelope.to)
            await _end(work, row, receipts.BLOCKED, result.error)
        case Fate.REFUSED:
            await _end(work, row, receipts.FAILED, result.error)
        case Fate.HALTED:
            now = await work.database_now()
            await paces.halt(work, now, now + timedelta(seconds=result.retry_after))
            await queue.give_back(work, [row.id], None, begun=True, owner=row.owner)
            await receipts.returned(work, row.receipt)
        case Fate.UNSENT:
            await _again(work, row, counts=row.attempts < len(RETRY_AFTER))
            await receipts.returned(work, row.receipt)
        case Fate.AMBIGUOUS if row.lane == ANSWER and row.attempts < MOST_AMBIGUOUS:
            await _again(work, row)
        case Fate.AMBIGUOUS if row.lane == ANSWER:
            await _end(work, row, receipts.FAILED, "TooManyAttempts")
        case Fate.AMBIGUOUS:
            await _end(work, row, receipts.UNCERTAIN, result.error)


async def _lost(work: Work, row: queue.Claimed, error: str) -> None:
    await queue.end(work, [row.id], receipts.FAILED, error)
    await _note_apart(work, row.receipt, receipts.FAILED)


async def _end(work: Work, row: Sending, state: str, error: str) -> None:
    await queue.end(work, [row.id], state, error)
    await receipts.note(work, row.receipt, state)


async def _again(work: Work, row: Sending, *, counts: bool = True) -> None:
    wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
    at = await work.database_now() + timedelta(seconds=wait)
    await queue.give_back(work, [row.id], at, begun=True, failed=counts, owner=row.owner)


async def is_any_waiting(work: Work) -> bool:
    """Whether any row waits whose time has come, even if others still go before it."""
    return await queue.is_any_waiting(work, await work.database_now())


async def next_due_in(work: Work) -> float | None:
    """Seconds until the next row that waits for its time may go; None when none waits."""
    now = await work.database_now()
    due = await queue.next_due(work, now)
    return (due - now).total_seconds() if due else None


async def waiting(work: Work) -> dict[str, int]:
    """How many outbox rows are in which state."""
    return await queue.counts(work)


async def oldest_answer(work: Work) -> int | None:
    """The number of the oldest answer that is not yet said, or None. Rows hold no time at which they were made."""
    return await queue.oldest_answer(work)
