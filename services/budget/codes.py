"""Voting codes: made in batches and shown once, blocked, replaced, counted. Only keyed hashes of them are kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from domain.budget.ballot_codes import new_code, read_code
from domain.budget.rounds import BEFORE_VOTING, CODE_CLASSES, CODES_AT_ONCE, RoundState
from domain.refusals import Changed, NotNow, NotThere
from domain.sealing import KeyRing, new_id
from services.budget.round_acts import Frozen, managed
from services.staff.access import note
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Begin, Work
from storage.budget import ballots, rounds

# The codes made in one unit of work: between two of them, others get their turn.
AT_ONCE = 1000
_STEP = 10
_HANDED_OUT = "handed_out"  # the line of the tally that counts all classes together


class UnknownCode(NotThere):
    """This round has no such code, or the code is blocked already."""


class UsedCode(NotNow):
    """A ballot was cast with that code: it stays valid, and nobody can take that ballot out of the box."""


class GivenBefore(NotNow):
    """The same request made codes before: only their hashes are kept, so the codes can't be shown again."""


class CodesThere(Changed):
    """The caller has not seen all batches of this class. batches: how many there are."""

    def __init__(self, batches: int) -> None:
        """Nothing was made."""
        super().__init__(f"{batches} are there")
        self.batches = batches


@dataclass(frozen=True, slots=True)
class FreshCodes:
    """A batch of fresh codes, 14 characters each without dashes; this is the only time that they are shown."""

    batch_id: str
    codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is kept of a batch: how many codes were made in it, and how many of them were handed out."""

    id: str
    code_class: str
    made: int
    handed_out: int
    day: date


@dataclass(frozen=True, slots=True)
class CodeTotals:
    """How many codes there are. used_by: (class, channel) -> how many were used."""

    made: int
    handed_out: int
    used: int
    blocked: int
    used_by: Mapping[tuple[str, str], int]


async def make_codes(
    work: Work,
    staff: Staff,
    round_id: str,
    count: int,
    code_class: str = "resident",
    once: str | None = None,
    there: int | None = None,
    first: int | None = None,
) -> FreshCodes:
    """Make a batch of 1 to 200,000 codes, before or during the vote.

    once: an idempotency key; the same request again makes nothing · there: how many batches of this class the caller
    knows of, None for a program, which gives `once` · first: make only so many now, the others by `all_of`. Raises
    NotAllowed, NoSuchRound, Frozen once the vote has closed, ValueError for another count or class, GivenBefore,
    RepeatedDifferently, CodesThere.
    """
    row = await managed(work, staff, round_id, lock=True)
    if not _changes(row.state):
        raise Frozen
    if not 1 <= count <= CODES_AT_ONCE or code_class not in CODE_CLASSES:
        raise ValueError("1 to 200,000 codes of a class that there is")
    known = [one for one in await rounds.batches_of(work, round_id) if one.code_class == code_class]
    if there is not None and there != len(known):
        raise CodesThere(len(known))
    batch_id = new_id()
    if await made_before(work, staff, "codes", once, f"{round_id}|{count}|{code_class}", batch_id):
        raise GivenBefore
    values = {"id": batch_id, "round_id": round_id, "code_class": code_class, "made": 0, "handed_out": 0}
    await rounds.add_batch(work, {**values, "day": work.today})
    codes = await _grow(work, round_id, batch_id, code_class, min(count, first or count))
    await note(work, staff, round_id, "codes")
    return FreshCodes(batch_id, codes)


async def all_of(
    begin: Begin, staff: Staff, round_id: str, begun: FreshCodes, count: int, code_class: str
) -> AsyncIterator[tuple[str, ...]]:
    """Yield the codes of a batch that `make_codes` has begun, a portion at a time, each kept before it is yielded.

    No more codes are made once the caller stops. Raises NotAllowed, NoSuchRound, Frozen once the vote has closed.
    """
    yield begun.codes
    left = count - len(begun.codes)
    while left > 0:
        async with begin() as work:
            if not _changes((await managed(work, staff, round_id, lock=True)).state):
                raise Frozen
            more = await _grow(work, round_id, begun.batch_id, code_class, min(left, AT_ONCE))
        yield more
        left -= len(more)


async def batches(work: Work, staff: Staff, round_id: str) -> list[Batch]:
    """The batches of a round, oldest first. Raises NotAllowed, NoSuchRound."""
    await managed(work, staff, round_id)
    found = await rounds.batches_of(work, round_id)
    return [Batch(row.id, row.code_class, row.made, row.handed_out, row.day) for row in found]


async def set_handed_out(work: Work, staff: Staff, round_id: str, batch_id: str, count: int) -> None:
    """Note how many codes of a batch were handed out, for a desk keeps some; possible until the vote closes.

    Raises NotAllowed, NoSuchRound, Frozen, ValueError for an unknown batch or more codes than it has.
    """
    row = await managed(work, staff, round_id, lock=True)
    if not _changes(row.state):
        raise Frozen
    if count < 0 or not await rounds.set_handed_out(work, round_id, batch_id, count):
        raise ValueError("a batch of this round, and no more than were made in it")
    await note(work, staff, round_id, "codes")


async def block_code(work: Work, staff: Staff, round_id: str, code: str) -> None:
    """Make a code that was not used yet worthless. Raises NotAllowed, NoSuchRound, Frozen, UnknownCode, UsedCode."""
    await _block(work, staff, round_id, code)
    await note(work, staff, round_id, "block")


async def replace_code(work: Work, staff: Staff, round_id: str, code: str) -> str:
    """Block a code and make another one for it, which is shown only now. Raises as block_code."""
    code_class = await _block(work, staff, round_id, code)
    fresh, batch = new_code(), new_id()
    values = {"id": batch, "round_id": round_id, "code_class": code_class, "made": 1, "handed_out": 1}
    await rounds.add_batch(work, {**values, "day": work.today})
    await ballots.add_codes(work, [_on_roll(work.keys, fresh, round_id, code_class)])
    await note(work, staff, round_id, "replace")
    return fresh


async def code_counts(work: Work, round_id: str) -> CodeTotals:
    """How many codes a round has; after the close, as counted then. An unknown round has none."""
    row = await rounds.round_by_id(work, round_id)
    batches_there = await rounds.batches_of(work, round_id)
    roll = await ballots.roll_counts(work, round_id)
    handed_out = sum(batch.handed_out for batch in batches_there)
    used: Counter[tuple[str, str]] = Counter()
    for (code_class, channel, _), times in roll.items():
        if channel is not None:
            used[code_class, channel] += times
    if row is not None and row.tally is not None:
        used, handed_out = _from_tally(row.tally, handed_out)
    return CodeTotals(
        made=sum(batch.made for batch in batches_there),
        handed_out=handed_out,
        used=used.total(),
        blocked=sum(times for (_, _, blocked), times in roll.items() if blocked),
        used_by=used,
    )


async def counts_for_staff(work: Work, round_id: str) -> CodeTotals:
    """As `code_counts`; until the close `used` is in steps of 10 and `used_by` is empty.

    A live number would show the moment at which a neighbour votes, and so the day's batch that holds their ballot.
    """
    counts, row = await code_counts(work, round_id), await rounds.round_by_id(work, round_id)
    if row is None or row.tally is not None:
        return counts
    return replace(counts, used=counts.used - counts.used % _STEP, used_by={})


def tally(counts: CodeTotals) -> str:
    """The counts as the text that a round keeps at its close, when the roll forgets which codes were used."""
    used = [f"{code_class} {channel} {times}" for (code_class, channel), times in sorted(counts.used_by.items())]
    return "\n".join([*used, f"{_HANDED_OUT} {counts.handed_out}"])


def _from_tally(kept: str, handed_out: int) -> tuple[Counter[tuple[str, str]], int]:
    """How many codes were used, and handed out. handed_out: the number to use where an older version kept none."""
    used: Counter[tuple[str, str]] = Counter()
    for *of, times in (line.split() for line in kept.splitlines()):
        if of == [_HANDED_OUT]:
            handed_out = int(times)
        else:
            code_class, channel = of
            used[code_class, channel] = int(times)
    return used, handed_out


def code_tag(keys: KeyRing, code: str) -> bytes:
    """The tag by which the roll knows a code (HMAC₁): after the close it still tells which round the code was for."""
    return keys.tag("roll", code)


async def _grow(work: Work, round_id: str, batch_id: str, code_class: str, count: int) -> tuple[str, ...]:
    """Make `count` more codes of a batch, in a thread: others want answers. The caller holds the round's lock."""
    await work.take_time()
    codes, on_roll = await asyncio.to_thread(_made, work.keys, round_id, count, code_class)
    await rounds.grow_batch(work, batch_id, count)
    await ballots.add_codes(work, on_roll)
    return codes


def _made(keys: KeyRing, round_id: str, count: int, code_class: str) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    codes = tuple(new_code() for _ in range(count))
    return codes, [_on_roll(keys, code, round_id, code_class) for code in codes]


def _on_roll(keys: KeyRing, code: str, round_id: str, code_class: str) -> dict[str, object]:
    return {
        "code_tag": code_tag(keys, code), "round_id": round_id, "code_class": code_class, "channel": None,
        "blocked": False,
    }  # fmt: skip


async def _block(work: Work, staff: Staff, round_id: str, typed: str) -> str:
    row = await managed(work, staff, round_id, lock=True)
    if not _changes(row.state):
        raise Frozen
    code = read_code(typed)
    found = await ballots.on_roll(work, code_tag(work.keys, code), lock=True) if code else None
    if code is None or found is None or found.round_id != round_id or found.blocked:
        raise UnknownCode
    if found.channel is not None:
        raise UsedCode
    await ballots.change_on_roll(work, found.code_tag, blocked=True)
    return found.code_class


def _changes(state: str) -> bool:
    return state in BEFORE_VOTING or state == RoundState.VOTING
