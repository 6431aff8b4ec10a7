"""Rounds of the budget over HTTP: made, changed and moved; their plans; their codes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from domain.budget.rounds import PlanDraft, RoundDraft
from handlers.api.auth import IdempotencyKey, OpenWork, ReadVersion, TokenHolder
from handlers.api.schemas import budget as schemas
from services.budget import codes, plans, round_acts, rounds
from services.budget.rounds import Round
from services.work import Work

router = APIRouter(tags=["budget"])
RoundId = Annotated[str, Path(max_length=64, description="The round's id.")]
PlanId = Annotated[str, Path(max_length=64, description="The plan's id.")]


@router.get("/rounds")
async def asked_for_rounds(work: OpenWork, staff: TokenHolder) -> list[schemas.RoundDetail]:
    """The rounds that you may manage, the latest opening first."""
    return [await _round(work, found) for found in await round_acts.rounds(work, staff)]


@router.post("/rounds", status_code=201)
async def sent_round(
    work: OpenWork, staff: TokenHolder, wanted: schemas.NewRound, idempotency_key: IdempotencyKey = None
) -> schemas.RoundDetail:
    """Make a round, in state `drafting`."""
    return await _round(work, await round_acts.make_round(work, staff, _round_draft(wanted), idempotency_key))


@router.get("/rounds/{round_id}")
async def asked_for_round(work: OpenWork, staff: TokenHolder, round_id: RoundId) -> schemas.RoundDetail:
    """One round."""
    return await _round(work, rounds.as_round(await round_acts.managed(work, staff, round_id)))


@router.put("/rounds/{round_id}")
async def sent_round_change(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.ChangedRound
) -> schemas.RoundDetail:
    """Change a round, until voting opens."""
    draft = _round_draft(wanted)
    return await _round(work, await round_acts.change_round(work, staff, round_id, draft, wanted.version))


@router.delete("/rounds/{round_id}", status_code=204, response_class=Response)
async def asked_to_delete(work: OpenWork, staff: TokenHolder, round_id: RoundId, version: ReadVersion) -> None:
    """Delete a draft with its plans, if none of its codes went out."""
    await round_acts.discard(work, staff, round_id, version)


@router.post("/rounds/{round_id}/moves")
async def sent_round_move(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, move: schemas.NewRoundMove
) -> schemas.RoundDetail:
    """Bring a round to another state. Opening the vote can't be undone."""
    return await _round(work, await round_acts.move_round(work, staff, round_id, move.to))


@router.post("/rounds/{round_id}/extensions", status_code=201)
async def sent_extension(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, wanted: schemas.NewExtension
) -> schemas.RoundDetail:
    """Give an open vote more time. Voters read the reason, and it stands on the result page."""
    return await _round(work, await round_acts.extend_round(work, staff, round_id, wanted.closes_at, wanted.why))


@router.get("/rounds/{round_id}/plans")
async def asked_for_plans(work: OpenWork, staff: TokenHolder, round_id: RoundId) -> list[schemas.PlanDetail]:
    """The plans of a round by their numbers."""
    await round_acts.managed(work, staff, round_id)
    return [schemas.PlanDetail.model_validate(plan) for plan in await plans.plans(work, round_id)]


@router.post("/rounds/{round_id}/plans", status_code=201)
async def sent_plan(
    work: OpenWork,
    staff: TokenHolder,
    round_id: RoundId,
    wanted: schemas.NewPlan,
    idempotency_key: IdempotencyKey = None,
) -> schemas.PlanDetail:
    """Add a plan, until voting opens."""
    added = await plans.add_plan(work, staff, round_id, _plan_draft(wanted), idempotency_key)
    return schemas.PlanDetail.model_validate(added)


@router.put("/rounds/{round_id}/plans/{plan_id}")
async def sent_plan_change(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, plan_id: PlanId, wanted: schemas.ChangedPlan
) -> schemas.PlanDetail:
    """Change a plan, until voting opens; its photo stays."""
    changed = await plans.change_plan(work, staff, round_id, plan_id, _plan_draft(wanted), wanted.version)
    return schemas.PlanDetail.model_validate(changed)


@router.delete("/rounds/{round_id}/plans/{plan_id}", status_code=204, response_class=Response)
async def sent_plan_removal(work: OpenWork, staff: TokenHolder, round_id: RoundId, plan_id: PlanId) -> None:
    """Remove a plan, until voting opens; the others keep their numbers."""
    await plans.remove_plan(work, staff, round_id, plan_id)


@router.post("/rounds/{round_id}/codes", status_code=201, response_model=schemas.VotingCodes)
async def sent_codes_wanted(
    request: Request,
    work: OpenWork,
    staff: TokenHolder,
    round_id: RoundId,
    wanted: schemas.NewVotingCodes,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a batch of voting codes. With the same Idempotency-Key again: 409, they can't be shown a second time.

    Where there are many, the answer is sent while they are made, a thousand codes at a time.
    """
    count, kind = wanted.count, wanted.code_class
    begun = await codes.make_codes(work, staff, round_id, count, kind, idempotency_key, first=codes.AT_ONCE)
    portions = codes.all_of(request.app.state.begin, staff, round_id, begun, count, kind)
    return StreamingResponse(_written(begun.batch_id, portions), 201, media_type="application/json")


@router.post("/rounds/{round_id}/codes/blocked")
async def sent_lost_code(
    work: OpenWork, staff: TokenHolder, round_id: RoundId, lost: schemas.LostCode
) -> schemas.Blocked:
    """Block a code that was lost. With `replace`, another is made in its place; it is shown only this once."""
    if lost.replace:
        return schemas.Blocked(code=await codes.replace_code(work, staff, round_id, lost.code))
    await codes.block_code(work, staff, round_id, lost.code)
    return schemas.Blocked(code=None)


async def _written(batch_id: str, portions: AsyncIterator[tuple[str, ...]]) -> AsyncIterator[str]:
    """schemas.VotingCodes as JSON, in pieces."""
    before = f'{{"batch_id": {json.dumps(batch_id)}, "codes": ['
    async for some in portions:
        yield before + ", ".join(json.dumps(code) for code in some)
        before = ", "
    yield "]}"


def _round_draft(wanted: schemas.NewRound) -> RoundDraft:
    given = wanted.model_dump(exclude={"version"})
    return RoundDraft(**{**given, "areas": tuple(given["areas"]), "languages": tuple(given["languages"])})


def _plan_draft(wanted: schemas.NewPlan) -> PlanDraft:
    return PlanDraft(**wanted.model_dump(exclude={"version"}))


async def _round(work: Work, found: Round) -> schemas.RoundDetail:
    counts = schemas.CodeCounts.model_validate(await codes.counts_for_staff(work, found.id), from_attributes=True)
    return schemas.RoundDetail.model_validate({**asdict(found), "next_moves": found.next_moves(), "codes": counts})
