"""The published result of a vote, for whoever asks: the bot, the pages. Nothing here counts anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.budget.results import ElectionResult, PlanResult
from services.work import Work
from storage.budget import results


async def result_of(work: Work, round_id: str) -> ElectionResult | None:
    """The result of a round; None while it is not published, or for an unknown round."""
    content = await results.result_of(work, round_id)
    if content is None:
        return None
    told = json.loads(content)
    titles = {plan["number"]: plan["title"] for plan in told["plans"]}
    return ElectionResult(
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
