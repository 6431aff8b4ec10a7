"""A round of the budget as everybody may know it; what staff do with one is in services/budget/round_acts.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.budget.rounds import (
    BEFORE_VOTING,
    Extension,
    HaltReason,
    MoreTime,
    RoundMover,
    RoundState,
    extensions_of,
    next_moves,
)
from domain.refusals import NotThere
from services.work import Work
from storage.budget import rounds


class NoSuchRound(NotThere):
    """No round has that id, or it is in areas that this member of staff was not appointed to."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round. Fields as in domain.budget.rounds.RoundDraft; state: one of domain.budget.rounds.RoundState.

    tie_seed: drawn when voting opens, empty before · extensions: how the vote got more time, oldest first ·
    halted: one of domain.budget.rounds.HaltReason while the clock leaves it alone · version: counts every change ·
    first_head: the first link of its chain (hexadecimal), published when voting opened.
    """

    id: str
    title: Mapping[str, str]
    state: str
    areas: tuple[str, ...]
    amount_cents: int
    choose_min: int
    choose_max: int
    rule: str
    opens_at: datetime
    closes_at: datetime
    tie_seed: str
    languages: tuple[str, ...]
    extensions: tuple[Extension, ...] = ()
    halted: str | None = None
    version: int = 1
    first_head: str | None = None

    @property
    def notice(self) -> str | None:
        """Why the vote got more time, for voters: the gravest domain.budget.rounds.MoreTime, None where it got none."""
        told = {one.why for one in self.extensions} | ({MoreTime.LOST} if self.halted == HaltReason.LOST else set())
        return next((why for why in MoreTime if why in told), None)

    def takes_votes(self, now: datetime) -> bool:
        """Whether ballots may be cast at this moment."""
        return self.state == RoundState.VOTING and self.opens_at <= now < self.closes_at

    def next_moves(self) -> tuple[RoundState, ...]:
        """The states that staff may bring the round to."""
        return next_moves(RoundState(self.state), RoundMover.STAFF)


async def round_of(work: Work, round_id: str) -> Round:
    """A round, for anybody: nothing in it is secret. Raises NoSuchRound."""
    row = await rounds.round_by_id(work, round_id)
    if row is None:
        raise NoSuchRound
    return as_round(row)


async def open_rounds(work: Work) -> list[Round]:
    """The rounds in which one may vote at this moment, the latest `opens_at` first."""
    found = [as_round(row) for row in await rounds.all_rounds(work, [RoundState.VOTING])]
    return [one for one in found if one.takes_votes(work.now)]


async def past_rounds(work: Work) -> list[Round]:
    """The rounds whose vote has closed, the latest `opens_at` first."""
    after = [state for state in RoundState if state not in BEFORE_VOTING and state != RoundState.VOTING]
    return [as_round(row) for row in await rounds.all_rounds(work, after)]


def as_round(row: rounds.RoundRow) -> Round:
    """The round that a row holds."""
    return Round(
        row.id, json.loads(row.title), row.state, tuple(json.loads(row.areas)), row.amount_cents, row.choose_min,
        row.choose_max, row.rule, row.opens_at, row.closes_at, row.tie_seed, tuple(json.loads(row.languages)),
        extensions_of(row.extensions), row.halted, row.version,
        row.first_head,
    )  # fmt: skip
