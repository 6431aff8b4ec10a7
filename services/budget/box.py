"""The ballots of a round, opened for the close and for the evening's commitments.

They are opened in threads, so that others can be answered meanwhile. The result of a close is worked out ahead, before
anybody has to wait for it, and used where nothing has changed since.
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
    """The result of a close, worked out from the ballots in the box and the chain so far.

    box: the sealed ballots as they were read · before: the chain as it was before the close · opened: the content of
    each ballot; one that was tampered with is left out, and the counts on the result page then differ · entries: what
    the close adds to the chain · counted: the rows of opened ballots to keep.
    """

    box: list[ballots.BallotRow] = field(repr=False)
    before: tuple[Commitment, ...]
    opened: Mapping[ballots.BallotRow, SealedChoice] = field(repr=False)
    entries: list[Commitment]
    counted: list[dict[str, object]] = field(repr=False)


async def worked_out_ahead(work: Work, round_id: str) -> CloseResult | None:
    """Work out the result of the close before anybody has to wait for it; None when the vote is closed already.

    Raises CannotOpen, LookupError when the round's key is gone, Held while a backup reads the tables.
    """
    await work.take_time()
    async with work.aside():
        await ballots.hold_box(work, alone=True)  # the box before the tables: everybody locks in that order
        await ballots.hold_tables(work)  # raises Held during a backup: else each tick opens all ballots for nothing
    async with work.aside():  # keep no lock: another process may be closing this round, and would wait for it
        row = await rounds.round_by_id(work, round_id)
        if row is None or row.state != RoundState.VOTING:
            return None  # another process was first
        keys, box = await round_keys(work, round_id), await ballots.ballots_of(work, round_id)
        before = await commitments(work, round_id)
    return await asyncio.to_thread(_worked_out, keys, round_id, box, before, work.today)


async def result(work: Work, round_id: str, before: tuple[Commitment, ...], ahead: CloseResult | None) -> CloseResult:
    """The result of the close: `ahead` where nothing has changed since, else worked out now. before: the chain so far.

    Raises CannotOpen, LookupError when the round's key is gone.
    """
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
    """The entries that an evening adds to the chain; none where the batch is too small to hide a ballot in.

    They are worked out from the box, not noted when a ballot is cast: so nothing tells in which order ballots came.
    """
    keys, box = await round_keys(work, round_id), await ballots.ballots_of(work, round_id)

    def entries() -> list[Commitment]:
        cast = {one.commitment(round_id) for one in _opened(keys, box, {}).values()}
        return chained(before, evening_batch(cast - {one.value for one in before}), work.today)

    return await asyncio.to_thread(entries)
