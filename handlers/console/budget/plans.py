"""The plans of a round: one by one with texts per language and a photo, or all at once from a CSV file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from domain.budget.rounds import PLACE_LIMIT, STORY_LIMIT, TITLE_LIMIT, Correction, RoundState, is_frozen
from domain.money import euros_of
from domain.text_files import decoded
from handlers.console.budget.rounds import RoundId, changeable_round, frozen_page, managed_round, round_page
from handlers.console.forms import WrongField, amount_of, refusal, version_of, why_of, words_of
from handlers.console.pages import HEADERS, go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, StaffForm, file_of, text_of
from locales.texts import say
from services.budget import plans
from services.budget.plan_import import PlansThere, import_plans
from services.budget.plan_table import WrongRow
from services.budget.plans import NoSuchPlan, Plan, PlanChanged, PlanDraft, WrongPlan
from services.budget.round_acts import Frozen
from services.budget.rounds import Round
from services.staff.repeats import RepeatedDifferently
from services.work import Work

router = APIRouter()
PlanId = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A plan's form. photo: as in PlanDraft · no_photo: the file that was sent is no photo."""

    form: FormData
    photo: bytes | None
    no_photo: bool


async def _sent(request: Request, form: StaffForm) -> _Sent:
    content = await file_of(form, "photo")
    clean = await request.app.state.outside.remade(content) if content else None
    photo = b"" if text_of(form, "drop_photo") and not content else clean
    return _Sent(form, photo, no_photo=bool(content) and clean is None)


# A route must name this parameter before OpenWork: making a photo anew takes a while.
SentPlan = Annotated[_Sent, Depends(_sent, scope="function")]


@router.get("/rounds/{round_id}/plans/new")
async def asked_for_new_plan(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId) -> Response:
    """The form for a new plan."""
    try:
        return _form_page(request, await changeable_round(work, staff, round_id), {})
    except Frozen:
        return await frozen_page(request, work, staff, round_id)


@router.post("/rounds/{round_id}/plans/new")
async def sent_new_plan(
    request: Request, sent: SentPlan, work: OpenWork, staff: SignedIn, round_id: RoundId
) -> Response:
    """Add a plan; with a mistake, show the form again."""
    try:
        found = await changeable_round(work, staff, round_id)
        await plans.add_plan(work, staff, round_id, _draft(sent), text_of(sent.form, "once") or None)
    except (WrongField, WrongPlan) as error:
        return _form_again(request, found, sent.form, None, **why_of(language_of(request), error))
    except RepeatedDifferently as error:
        problem = say(language_of(request), "console.error.repeated")
        there = f"/rounds/{round_id}/plans/{error.made}"
        return _form_again(request, found, sent.form, problem=problem, there=there)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go(f"/rounds/{round_id}?done=plan")


@router.post("/rounds/{round_id}/plans/import")
async def sent_plans(request: Request, form: StaffForm, work: OpenWork, staff: SignedIn, round_id: RoundId) -> Response:
    """Import all plans of a CSV file, or none and name the wrong line. Asks first when the round has plans already."""
    language, content, table = language_of(request), await file_of(form, "csv"), text_of(form, "table")
    problem = "" if content or table else say(language, "console.plans.no_file")
    once, seen = text_of(form, "once") or None, text_of(form, "seen")
    try:
        found = await changeable_round(work, staff, round_id)
        table = decoded(content) if content else table
        if table:
            await import_plans(work, staff, round_id, table, once, seen)
    except PlansThere as error:
        return page(
            request,
            "budget/plans_confirm.html",
            status=409,
            round=found,
            comparison=error.comparison,
            table=table,
            once=once,
            changed=bool(seen),
        )
    except RepeatedDifferently:
        problem = say(language, "console.plans.imported_before")
    except UnicodeDecodeError:
        problem = say(language, "console.plans.not_utf8", {"form": "CSV UTF-8"})
    except WrongRow as error:
        what = refusal(language, error.reason, error.column)
        problem = say(language, "console.plans.wrong_row", {"line": error.line, "what": what})
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    if problem:
        return await round_page(request, work, staff, round_id, problem=problem, at="csv")
    return go(f"/rounds/{round_id}?done=imported")


@router.get("/rounds/{round_id}/plans/{plan_id}")
async def asked_for_plan(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, plan_id: PlanId
) -> Response:
    """The form with the plan as it is."""
    found = await managed_round(work, staff, round_id)
    if is_frozen(RoundState(found.state)) and found.state != RoundState.VOTING:
        return await frozen_page(request, work, staff, round_id)
    plan = await _plan(work, round_id, plan_id)
    given = {
        **{f"title_{language}": words for language, words in plan.title.items()},
        **{f"story_{language}": words for language, words in plan.story.items()},
        "place": plan.place,
        "cost_cents": euros_of(plan.cost_cents),
        "version": str(plan.version),
    }
    return _form_page(request, found, given, plan)


@router.post("/rounds/{round_id}/plans/{plan_id}")
async def sent_plan(
    request: Request, sent: SentPlan, work: OpenWork, staff: SignedIn, round_id: RoundId, plan_id: PlanId
) -> Response:
    """Change a plan; with a mistake, show the form again."""
    try:
        found = await changeable_round(work, staff, round_id)
        await plans.change_plan(work, staff, round_id, plan_id, _draft(sent), version_of(sent.form) or 0)
    except (WrongField, WrongPlan) as error:
        plan = await _plan(work, round_id, plan_id)
        return _form_again(request, found, sent.form, plan, **why_of(language_of(request), error))
    except PlanChanged:
        plan, problem = await _plan(work, round_id, plan_id), say(language_of(request), "console.error.changed")
        there = f"/rounds/{round_id}/plans/{plan_id}"
        return _form_again(request, found, sent.form, plan, str(plan.version), problem=problem, there=there)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go(f"/rounds/{round_id}?done=plan")


@router.post("/rounds/{round_id}/plans/{plan_id}/correct")
async def sent_correction(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, plan_id: PlanId, form: SentForm
) -> Response:
    """Correct the words of a plan while voting is open."""
    found, language = await managed_round(work, staff, round_id), language_of(request)
    plan = await _plan(work, round_id, plan_id)
    draft = PlanDraft(words_of(form, "title"), words_of(form, "story"), text_of(form, "place"), plan.cost_cents)
    try:
        await plans.correct_plan(work, staff, round_id, plan_id, draft, text_of(form, "why"), version_of(form) or 0)
    except WrongPlan as error:
        key = f"console.notcorrected.{error.reason}"
        known = error.reason in {"why", "same", "title", "story"}
        problem = say(language, key) if known else refusal(language, error.reason)
        return _form_again(request, found, form, plan, problem=problem, at=error.field)
    except PlanChanged:
        problem, there = say(language, "console.error.changed"), f"/rounds/{round_id}/plans/{plan_id}"
        return _form_again(request, found, form, plan, str(plan.version), problem=problem, there=there)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go(f"/rounds/{round_id}?done=corrected")


@router.post("/rounds/{round_id}/plans/{plan_id}/remove")
async def sent_removal(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, plan_id: PlanId, form: SentForm
) -> Response:
    """Remove a plan."""
    try:
        await plans.remove_plan(work, staff, round_id, plan_id)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go(f"/rounds/{round_id}?done=removed")


@router.get("/rounds/{round_id}/plans/{plan_id}/photo")
async def asked_for_plan_photo(work: OpenWork, staff: SignedIn, round_id: RoundId, plan_id: PlanId) -> Response:
    """The photo of a plan."""
    await managed_round(work, staff, round_id)
    await _plan(work, round_id, plan_id)
    photo = await plans.photo(work, plan_id)
    if photo is None:
        raise NoSuchPlan
    return Response(photo, media_type="image/jpeg", headers=HEADERS)


async def _plan(work: Work, round_id: str, plan_id: str) -> Plan:
    """One plan of the round. Raises NoSuchPlan."""
    for plan in await plans.plans(work, round_id):
        if plan.id == plan_id:
            return plan
    raise NoSuchPlan


def _draft(sent: _Sent) -> PlanDraft:
    """The form as a draft of a plan. Raises WrongField."""
    if sent.no_photo:
        raise WrongField("photo")
    title, story = words_of(sent.form, "title"), words_of(sent.form, "story")
    return PlanDraft(title, story, text_of(sent.form, "place"), amount_of(sent.form, "cost_cents"), sent.photo)


def _form_again(
    request: Request, found: Round, form: FormData, plan: Plan | None = None, version: str = "", **why: str
) -> Response:
    """The form as it was filled in. version: the present one, to be sent next time · why: problem, at, there."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    given["version"] = version or text_of(form, "version")
    return _form_page(request, found, given, plan, **why)


def _form_page(
    request: Request,
    found: Round,
    given: Mapping[str, str],
    plan: Plan | None = None,
    *,
    problem: str = "",
    at: str = "",
    there: str = "",
) -> Response:
    """The form. problem: why nothing was kept · at: the wrong field · there: the page of what is kept already."""
    return page(
        request,
        "budget/plan_form.html",
        status=409 if there else 422 if problem else 200,
        at=at,
        round=found,
        given=given,
        plan=plan,
        correcting=found.state == RoundState.VOTING,
        reasons=tuple(Correction),
        problem=problem,
        there=there,
        once=secrets.token_urlsafe(16),
        limits={"title": TITLE_LIMIT, "story": STORY_LIMIT, "place": PLACE_LIMIT},
    )
