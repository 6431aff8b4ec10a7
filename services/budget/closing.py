"""What the clock does with a vote: open it, commit in the evening, remind, close. After the close no key is left."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from conversations.budget import notices
from domain.budget.commitments import Commitment, EntryKind, SealedChoice, begun_anew, chained
from domain.budget.rounds import BEFORE_VOTING, HaltReason, RoundMover, RoundState, may_move
from domain.reach import reach_in
from domain.screens import Screen
from domain.sealing import CannotOpen, new_key
from domain.wall_clock import day_of, wall_of
from services.budget import box
from services.budget.codes import CodeTotals, code_counts, tally
from services.budget.plans import Plan, plans
from services.budget.round_acts import MayNotMove, open_vote
from services.budget.round_keys import RoundKeys, opened_draft, round_keys
from services.budget.rounds import NoSuchRound, open_rounds
from services.budget.statements import beginning, commitments, state_opening
from services.outbox import saying
from services.people import residents
from services.work import Held, Work
from storage.budget import ballots, rounds

EVENING = 21  # o'clock, in Amsterdam
NO_OUTAGE = timedelta(minutes=10)  # so long nothing may run, such as for the start of a new version
REMINDED_BEFORE = timedelta(hours=24)
AT_ONCE = 200
# What hinders a vote hinders it at every tick; the log needs it once.
_told_once = lru_cache(maxsize=64)(logging.getLogger("buurtstem.closing").warning)


@dataclass(frozen=True, slots=True)
class Opened:
    """A closed vote, for those who count and publish: nothing in it leads to a code.

    ballots: in the order of their random receipts · commitments: the whole chain · replaced: values in it whose
    ballots were replaced by a later one or belong to none · blank: ballots that name no plan · counts: the roll's.
    """

    round_id: str
    ballots: tuple[SealedChoice, ...] = field(repr=False)
    commitments: tuple[Commitment, ...]
    replaced: tuple[bytes, ...]
    blank: int
    counts: CodeTotals
    plans: tuple[Plan, ...]


async def open_and_close_due(work: Work) -> None:
    """Open the votes whose time has come and that are ready, close those whose time is over."""
    over = sorted(row.id for row in await rounds.all_rounds(work, [RoundState.VOTING]) if _is_over(work, row))
    ahead: dict[str, box.CloseResult] = {}
    for round_id in over:
        async with _apart(work, round_id):
            if (result := await box.worked_out_ahead(work, round_id)) is not None:
                ahead[round_id] = result
    if ahead:
        await ballots.hold_box(work, alone=True)
    for row in await rounds.all_rounds(work, sorted(BEFORE_VOTING)):
        if row.opens_at <= work.now and may_move(RoundState(row.state), RoundState.VOTING, RoundMover.CLOCK):
            await _open(work, row.id)
    for round_id in ahead:
        # All of them before the first close holds the roll: who makes codes holds the round and then wants the roll.
        await rounds.round_by_id(work, round_id, lock=True)
    for round_id, result in ahead.items():
        async with _apart(work, round_id):
            await close(work, round_id, result)


async def close(work: Work, round_id: str, ahead: box.CloseResult | None = None) -> None:
    """Close a vote whose time is over; nothing happens before, while it is halted, or when it is closed already.

    Ballots are opened and kept by their random receipts alone, which codes were used is forgotten, roll and ballot
    box are written anew, the keys are destroyed. ahead: what was worked out before everybody had to wait. Raises
    NoSuchRound, CannotOpen, Held.
    """
    await ballots.hold_box(work, alone=True)
    row = await rounds.round_by_id(work, round_id, lock=True)
    if row is None:
        raise NoSuchRound
    if not _is_over(work, row):
        return
    await work.take_time()  # for 100,000 ballots
    result = await box.result(work, round_id, await _begun(work, round_id), ahead)
    await rounds.add_commitments(work, round_id, result.entries)
    await rounds.add_counted(work, result.counted)
    await ballots.hold_tables(work)
    counts = await code_counts(work, round_id)
    await ballots.empty_box(work, round_id)
    await ballots.destroy_key(work, round_id)
    await rounds.change_round(work, round_id, state=RoundState.COUNTING, tally=tally(counts))


async def opened(work: Work, round_id: str) -> Opened:
    """A closed vote. Raises NoSuchRound for one that is unknown or not closed."""
    row = await rounds.round_by_id(work, round_id)
    if row is None or row.state in BEFORE_VOTING or row.state == RoundState.VOTING:
        raise NoSuchRound
    found = tuple(
        SealedChoice(tuple(json.loads(one.choices)), one.receipt, one.salt)
        for one in await rounds.counted_of(work, round_id)
    )
    chain = await commitments(work, round_id) or _chain_of_older(row, await rounds.plans_of(work, round_id), found)
    valid = {one.commitment(round_id) for one in found}
    return Opened(
        round_id,
        ballots=found,
        commitments=chain,
        replaced=tuple(one.value for one in chain if one.kind == EntryKind.BALLOT and one.value not in valid),
        blank=sum(not one.choices for one in found),
        counts=await code_counts(work, round_id),
        plans=tuple(await plans(work, round_id)),
    )


async def published(work: Work, round_id: str) -> None:
    """The counted result is published. Raises NoSuchRound, MayNotMove when it was not being counted."""
    row = await rounds.round_by_id(work, round_id, lock=True)
    if row is None:
        raise NoSuchRound
    if not may_move(RoundState(row.state), RoundState.PUBLISHED, RoundMover.COUNTER):
        raise MayNotMove("move")
    await rounds.change_round(work, round_id, state=RoundState.PUBLISHED)


async def halt(work: Work, round_id: str, why: HaltReason | None) -> None:
    """Let nothing go on by itself with a round, and let staff see why; None: it goes on again."""
    await rounds.change_round(work, round_id, halted=why)


async def commit_evening(work: Work) -> None:
    """Once an evening and open vote: append a batch of commitments, if 10 can be published and 10 held back."""
    if wall_of(work.now).hour < EVENING:
        return
    await ballots.hold_box(work)
    for known in await rounds.all_rounds(work, [RoundState.VOTING]):
        row = await rounds.round_by_id(work, known.id, lock=True)
        if row is None or row.state != RoundState.VOTING or row.committed_on == work.today:
            continue
        async with _apart(work, row.id):
            batch = await box.evening(work, row.id, await _begun(work, row.id))
            await rounds.add_commitments(work, row.id, batch)
            await rounds.change_round(work, row.id, committed_on=work.today)


async def remind_unfinished(work: Work) -> None:
    """In the last day of a vote, tell once who chose and has not cast, and has not touched it since the last look."""
    for voting in await open_rounds(work):
        if voting.closes_at - work.now > REMINDED_BEFORE:
            continue
        async with _apart(work, voting.id):
            keys, screen = await round_keys(work, voting.id), notices.not_cast(voting.title, voting.closes_at)
            for row in await ballots.drafts_to_remind(work, voting.id, AT_ONCE):
                await ballots.note_reminder(work, row.id, await _remind(work, keys, row, screen))
            await ballots.look_at_drafts(work, voting.id)


async def halt_missed(work: Work) -> None:
    """After an outage: a vote whose close was long ago, in it, waits until staff have given it more time.

    Who still wanted to vote could not, and once it has closed it can't be opened again.
    """
    await ballots.hold_box(work, alone=True)
    for known in await rounds.all_rounds(work, [RoundState.VOTING]):
        row = await rounds.round_by_id(work, known.id, lock=True)
        if row is not None and _is_over(work, row) and row.closes_at + NO_OUTAGE < work.now:
            await halt(work, row.id, HaltReason.MISSED)


async def begin_anew(work: Work) -> None:
    """After a restore: votes get new keys, for no backup holds the old ones.

    What was cast before can't be read by anybody any more, so who voted may and must vote again. No open vote
    closes with what little is left before staff have given it more time.
    """
    for row in await rounds.all_rounds(work, sorted({*BEFORE_VOTING, RoundState.VOTING})):
        if await ballots.wrapped_key(work, row.id) is None:
            await ballots.add_key(work, row.id, work.keys.wrap(new_key(), row.id))
            await ballots.forget_use(work, row.id)
            statements = begun_anew(await commitments(work, row.id))
            await rounds.drop_commitments(work, row.id)
            await rounds.add_commitments(work, row.id, statements)
            if row.state == RoundState.VOTING:
                await halt(work, row.id, HaltReason.LOST)


@asynccontextmanager
async def _apart(work: Work, round_id: str) -> AsyncIterator[None]:
    """What happens to one round: when it can't, the others go on, and the next tick tries again."""
    try:
        async with work.part():
            yield
    except (CannotOpen, LookupError):
        _told_once("the key of round %s is gone or wrong: its vote can't go on; `keys check` says more", round_id)
    except Held:
        _told_once("round %s closes once nobody reads the roll any more: does a backup run?", round_id)


async def _remind(work: Work, keys: RoundKeys, row: ballots.DraftRow, screen: Screen) -> str:
    """What became of it: one that can't be opened is not looked at again."""
    try:
        reach = reach_in(opened_draft(keys, row))
    except CannotOpen:
        _told_once("a draft of round %s can't be opened: nobody is reminded of it", row.round_id)
        return "unreadable"
    if not await residents.wants_to_hear(work, reach):
        return "unwanted"
    await saying.show(work, reach, screen, many=True, receipt=f"draft:{row.id}")
    return "waiting"


def _is_over(work: Work, row: rounds.RoundRow) -> bool:
    return row.state == RoundState.VOTING and row.closes_at <= work.now and row.halted is None


async def _open(work: Work, round_id: str) -> None:
    row = await rounds.round_by_id(work, round_id, lock=True)
    if row is None or not may_move(RoundState(row.state), RoundState.VOTING, RoundMover.CLOCK):
        return
    try:
        await open_vote(work, row)
    except MayNotMove:
        return  # staff see what is missing, and can move the dates


async def _begun(work: Work, round_id: str) -> tuple[Commitment, ...]:
    """The chain so far; that of a vote which an older version opened begins now."""
    chain = await commitments(work, round_id)
    if not chain:
        await state_opening(work, round_id)
        chain = await commitments(work, round_id)
    return chain


def _chain_of_older(
    row: rounds.RoundRow, plans: list[rounds.PlanRow], found: Iterable[SealedChoice]
) -> tuple[Commitment, ...]:
    """The chain of a vote that an older version closed: it was told to nobody, and opens every ballot."""
    day = day_of(row.closes_at)
    begun = beginning(row, plans, day)
    return (*begun, *chained(begun, (one.commitment(row.id) for one in found), day))
