"""Rounds of the budget over HTTP: made, changed and moved; their plans; their codes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response

from domain.budget import PlanDraft, RoundDraft
from handlers.api.auth import OpenWork, TokenHolder
from handlers.api.schemas import budget as schemas
from services import budget, codes, plans
from services.budget import Round
from services.work import Work

router = APIRouter(tags=["budget"])
RoundId = Annotated[str, Path(max_length=64, description="The round's id.")]
PlanId = Annotated[str, Path(max_length=64, description="The plan's id.")]


@router.get("/rounds")
async def asked_for_rounds(work: OpenWork, staff: TokenHolder) -> list[schemas.Round]:
    """The rounds that you may manage, the one that opens last first."""
    return [await _round(work, found) for found in await budget.rounds(work, staff)]


@router.post("/rounds", status_code=201)
async def sent_round(work: OpenWork, staff: TokenHolder, wanted: schemas.NewRound) -> schemas.Round:
    """Make a round, in state `drafting`."""
    return await _round(work, await budget.make_round(work, staff, _round_draft(wanted)))


@router.get("/rounds/{round_id}")
async def asked_for_round(work: OpenWork, staff: TokenHolder, round_id: RoundId) -> schemas.Round:
    """One round."""
    return await _round(work, budget.as_round(await budget.managed(work, staff, round_id)))


@router.put("/rounds/{round_id}")
async def sent_round_change(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.NewRound
) -> schemas.Round:
    """Change a round, until voting opens."""
    return await _round(work, await budget.change_round(work, staff, round_id, _round_draft(wanted)))


@router.post("/rounds/{round_id}/moves")
async def sent_round_move(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, move: schemas.NewRoundMove
) -> schemas.Round:
    """Bring a round to another state. Opening the vote can't be undone."""
    return await _round(work, await budget.move_round(work, staff, round_id, move.to))


@router.post("/rounds/{round_id}/extensions", status_code=201)
async def sent_extension(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.NewExtension
) -> schemas.Round:
    """Give an open vote more time. Voters read why, and it stands on the result page."""
    return await _round(work, await budget.extend_round(work, staff, round_id, wanted.closes_at, wanted.why))


@router.get("/rounds/{round_id}/plans")
async def asked_for_plans(work: OpenWork, staff: TokenHolder, round_id: RoundId) -> list[schemas.Plan]:
    """The plans of a round by their numbers."""
    await budget.managed(work, staff, round_id)
    return [schemas.Plan.model_validate(plan) for plan in await plans.plans(work, round_id)]


@router.post("/rounds/{round_id}/plans", status_code=201)
async def sent_plan(work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.NewPlan) -> schemas.Plan:
    """Add a plan, until voting opens."""
    return schemas.Plan.model_validate(await plans.add_plan(work, staff, round_id, _plan_draft(wanted)))


@router.put("/rounds/{round_id}/plans/{plan_id}")
async def sent_plan_change(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, plan_id: PlanId, wanted: schemas.NewPlan
) -> schemas.Plan:
    """Change a plan, until voting opens; its photo stays."""
    return schemas.Plan.model_validate(await plans.change_plan(work, staff, round_id, plan_id, _plan_draft(wanted)))


@router.delete("/rounds/{round_id}/plans/{plan_id}", status_code=204, response_class=Response)
async def sent_plan_removal(work: OpenWork, staff: TokenHolder, round_id: RoundId, plan_id: PlanId) -> None:
    """Remove a plan, until voting opens; the others keep their numbers."""
    await plans.remove_plan(work, staff, round_id, plan_id)


@router.post("/rounds/{round_id}/codes", status_code=201)
async def sent_codes_wanted(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.NewCodes
) -> schemas.Codes:
    """Make a batch of voting codes."""
    made = await codes.make_codes(work, staff, round_id, wanted.count, wanted.code_class)
    return schemas.Codes(batch_id=made.batch_id, codes=list(made.codes))


@router.post("/rounds/{round_id}/codes/blocked")
async def sent_lost_code(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, lost: schemas.LostCode
) -> schemas.Blocked:
    """Block a code that was lost, and make another in its place where that is asked."""
    if lost.replace:
        return schemas.Blocked(code=await codes.replace_code(work, staff, round_id, lost.code))
    await codes.block_code(work, staff, round_id, lost.code)
    return schemas.Blocked(code=None)


def _round_draft(wanted: schemas.NewRound) -> RoundDraft:
    given = wanted.model_dump()
    return RoundDraft(**{**given, "areas": tuple(given["areas"]), "languages": tuple(given["languages"])})


def _plan_draft(wanted: schemas.NewPlan) -> PlanDraft:
    return PlanDraft(**wanted.model_dump())


async def _round(work: Work, found: Round) -> schemas.Round:
    counts = schemas.CodeCounts.model_validate(await codes.counts_for_staff(work, found.id), from_attributes=True)
    return schemas.Round.model_validate({**asdict(found), "next_moves": found.next_moves(), "codes": counts})
