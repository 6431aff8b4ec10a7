"""The published result of a vote, for whoever asks: the bot, the pages. Nothing here counts anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.work import Work
from storage import results


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What became of a plan. reason: as in domain/explaining.py · drawn: titles of plans that a draw put it against."""

    number: int
    title: Mapping[str, str]
    votes: int
    cost_cents: int
    funded: bool
    reason: str
    drawn: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A published result. plans: most votes first · satisfied: voters with at least one funded choice.

    satisfied is None where there were so few ballots (under 10) that only totals are published.
    """

    round_id: str
    title: Mapping[str, str]
    amount_cents: int
    spent_cents: int
    ballots: int
    satisfied: int | None
    plans: tuple[PlanResult, ...]

    @property
    def funded(self) -> tuple[PlanResult, ...]:
        """The plans that get money, most votes first."""
        return tuple(plan for plan in self.plans if plan.funded)


async def result_of(work: Work, round_id: str) -> Result | None:
    """The result of a round; None while it is not published, or for an unknown round."""
    content = await results.result_of(work, round_id)
    if content is None:
        return None
    told = json.loads(content)
    titles = {plan["number"]: plan["title"] for plan in told["plans"]}
    return Result(
        round_id,
        title=told["round"]["title"],
        amount_cents=told["round"]["amount_cents"],
        spent_cents=told["result"]["spent_cents"],
        ballots=told["ballots"]["counted"],
        satisfied=told["result"].get("satisfied"),
        plans=tuple(_plan(plan, titles) for plan in told["plans"]),
    )


def _plan(plan: Mapping[str, Any], titles: Mapping[int, Mapping[str, str]]) -> PlanResult:
    return PlanResult(
        plan["number"],
        plan["title"],
        plan["votes"],
        plan["cost_cents"],
        plan["funded"],
        plan["reason"],
        tuple(titles[other] for other in plan.get("drawn", ())),
    )
