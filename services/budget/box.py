"""The ballot box, opened for the close and for the evening's commitments, in threads: others want their answers.

What a close comes to is worked out before anybody has to wait for it, and used where nothing has changed since.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from domain.budget.commitments import Commitment, SealedChoice, chained, evening_batch
from domain.budget.rounds import RoundState
from domain.sealing import CannotOpen
from services.budget.round_keys import RoundKeys, opened_ballot, round_keys
from services.budget.statements import commitments
from services.work import Work
from storage.budget import ballots, rounds


@dataclass(frozen=True, slots=True)
class CloseResult:
    """What a close keeps of the ballots that lay in the box, and the chain that was told before it.

    box: as it was read · opened: what was sealed in it, one that was tampered with left out: the counts on the result
    page then differ · entries: the rest of the chain · counted: rows of opened ballots.
    """

    box: list[ballots.BallotRow] = field(repr=False)
    before: tuple[Commitment, ...]
    opened: Mapping[ballots.BallotRow, SealedChoice] = field(repr=False)
    entries: list[Commitment]
    counted: list[dict[str, object]] = field(repr=False)


async def worked_out_ahead(work: Work, round_id: str) -> CloseResult | None:
    """What the close will come to, worked out before anybody has to wait; None when it is closed already.

    Raises CannotOpen, LookupError when the round's key is gone, Held.
    """
    await work.take_time()
    async with work.aside():
        await ballots.hold_box(work, alone=True)  # before the tables, as everybody does
        await ballots.hold_tables(work)  # not while a backup reads: each tick would open all ballots for nothing
    async with work.aside():  # no lock stays, for which another process that closes it would have to wait
        row = await rounds.round_by_id(work, round_id)
        if row is None or row.state != RoundState.VOTING:
            return None  # another process was first
        keys, box = await round_keys(work, round_id), await ballots.ballots_of(work, round_id)
        before = await commitments(work, round_id)
    return await asyncio.to_thread(_worked_out, keys, round_id, box, before, work.today)


async def result(work: Work, round_id: str, before: tuple[Commitment, ...], ahead: CloseResult | None) -> CloseResult:
    """What the close comes to; that which was worked out ahead where nothing has changed since."""
    keys, box = await round_keys(work, round_id), await ballots.ballots_of(work, round_id)
    if ahead is not None and (box, before) == (ahead.box, ahead.before):
        return ahead
    opened = {} if ahead is None else ahead.opened
    return await asyncio.to_thread(_worked_out, keys, round_id, box, before, work.today, opened)


def _worked_out(
    keys: RoundKeys,
    round_id: str,
    box: list[ballots.BallotRow],
    before: tuple[Commitment, ...],
    today: date,
    known: Mapping[ballots.BallotRow, SealedChoice] | None = None,
) -> CloseResult:
    opened = _opened(keys, box, known or {})
    values = {one.commitment(round_id): one for one in opened.values()}
    entries = chained(before, values.keys() - {one.value for one in before}, today)
    counted: list[dict[str, object]] = [
        {"round_id": round_id, "receipt": one.receipt, "choices": json.dumps(one.choices), "salt": one.salt}
        for one in values.values()
    ]
    return CloseResult(box, before, opened, entries, counted)


def _opened(
    keys: RoundKeys, box: list[ballots.BallotRow], known: Mapping[ballots.BallotRow, SealedChoice]
) -> dict[ballots.BallotRow, SealedChoice]:
    found = {}
    for row in box:
        with suppress(CannotOpen):
            found[row] = known.get(row) or opened_ballot(keys, row)
    return found


async def evening(work: Work, round_id: str, before: tuple[Commitment, ...]) -> list[Commitment]:
    """The entries that an evening adds to the chain; none where too few are there to hide in.

    Worked out from the box and not kept beside a cast: nothing tells in which order ballots came.
    """
    keys, box = await round_keys(work, round_id), await ballots.ballots_of(work, round_id)

    def entries() -> list[Commitment]:
        cast = {one.commitment(round_id) for one in _opened(keys, box, {}).values()}
        return chained(before, evening_batch(cast - {one.value for one in before}), work.today)

    return await asyncio.to_thread(entries)
