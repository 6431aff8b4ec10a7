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
NO_OUTAGE = timedelta(minutes=10)  # a standstill up to this long is no outage: a new version starts, for example
REMINDED_BEFORE = timedelta(hours=24)
AT_ONCE = 200
# The same problem comes back at every tick: log each one once.
_told_once = lru_cache(maxsize=64)(logging.getLogger("buurtstem.closing").warning)


@dataclass(frozen=True, slots=True)
class Opened:
    """A closed vote, for counting and publishing: nothing in it leads to a code.

    ballots: in the order of their random receipts · commitments: the whole chain · replaced: the commitments in it
    that no counted ballot opens, most because a later ballot replaced theirs · blank: how many ballots name no plan ·
    counts: of the codes on the roll.
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
        # Lock all rounds before the first close locks the roll: making codes locks the round first, then the roll.
        await rounds.round_by_id(work, round_id, lock=True)
    for round_id, result in ahead.items():
        async with _apart(work, round_id):
            await close(work, round_id, result)


async def close(work: Work, round_id: str, ahead: box.CloseResult | None = None) -> None:
    """Close a vote whose time is over; does nothing before that, while it is halted, or when it is closed already.

    Opens the ballots and keeps them by their random receipts alone, forgets which codes were used, writes roll and
    ballot box anew and destroys the keys. ahead: the result of `box.worked_out_ahead`, None to work it out here.
    Raises NoSuchRound, CannotOpen, Held, LookupError when the round's key is gone.
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
    """Move a round on to `published`. Raises NoSuchRound, MayNotMove when it was not being counted."""
    row = await rounds.round_by_id(work, round_id, lock=True)
    if row is None:
        raise NoSuchRound
    if not may_move(RoundState(row.state), RoundState.PUBLISHED, RoundMover.COUNTER):
        raise MayNotMove("move")
    await rounds.change_round(work, round_id, state=RoundState.PUBLISHED)


async def halt(work: Work, round_id: str, why: HaltReason | None) -> None:
    """Stop the clock and the counting job for a round, and let staff see why; None lets them go on again."""
    await rounds.change_round(work, round_id, halted=why)


async def commit_evening(work: Work) -> None:
    """Once an evening, append a batch of commitments to each open vote, if 10 can be published and 10 held back."""
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
    """In the last 24 hours of a vote, remind residents once of a draft left untouched since the last look."""
    for voting in await open_rounds(work):
        if voting.closes_at - work.now > REMINDED_BEFORE:
            continue
        async with _apart(work, voting.id):
            keys, screen = await round_keys(work, voting.id), notices.not_cast(voting.title, voting.closes_at)
            for row in await ballots.drafts_to_remind(work, voting.id, AT_ONCE):
                await ballots.note_reminder(work, row.id, await _remind(work, keys, row, screen))
            await ballots.look_at_drafts(work, voting.id)


async def halt_missed(work: Work) -> None:
    """After an outage, halt each vote that should have closed during it, until staff have given it more time.

    Residents who still wanted to vote could not, and a vote that has closed can't be opened again.
    """
    await ballots.hold_box(work, alone=True)
    for known in await rounds.all_rounds(work, [RoundState.VOTING]):
        row = await rounds.round_by_id(work, known.id, lock=True)
        if row is not None and _is_over(work, row) and row.closes_at + NO_OUTAGE < work.now:
            await halt(work, row.id, HaltReason.MISSED)


async def begin_anew(work: Work) -> None:
    """After a restore, give votes new keys, for no backup holds the old ones.

    Nobody can read the ballots that were cast before, so everybody who voted may and must vote again. An open vote is
    halted until staff have given it more time: else it would close with the few ballots cast since.
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
    """Work on one round by itself: when it fails, the others go on, and the next tick tries again."""
    try:
        async with work.part():
            yield
    except (CannotOpen, LookupError):
        _told_once("the key of round %s is gone or wrong: its vote can't go on; `keys check` says more", round_id)
    except Held:
        _told_once("round %s closes once nobody reads the roll any more: does a backup run?", round_id)


async def _remind(work: Work, keys: RoundKeys, row: ballots.DraftRow, screen: Screen) -> str:
    """Remind the owner of one draft; the state to note. A draft that can't be opened is not looked at again."""
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
    """The chain so far; begun now where an older version opened the vote without one."""
    chain = await commitments(work, round_id)
    if not chain:
        await state_opening(work, round_id)
        chain = await commitments(work, round_id)
    return chain


def _chain_of_older(
    row: rounds.RoundRow, plans: list[rounds.PlanRow], found: Iterable[SealedChoice]
) -> tuple[Commitment, ...]:
    """The chain of a vote that an older version closed: made now, seen by nobody before, and it opens every ballot."""
    day = day_of(row.closes_at)
    begun = beginning(row, plans, day)
    return (*begun, *chained(begun, (one.commitment(row.id) for one in found), day))
