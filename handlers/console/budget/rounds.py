"""The rounds of the budget: the list, the form, one round with its state, plans and codes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from domain.budget.rounds import (
    BEFORE_VOTING,
    CHOICES_LIMIT,
    CODE_CLASSES,
    TITLE_LIMIT,
    HaltReason,
    MoreTime,
    RoundDraft,
    RoundState,
    Rule,
    is_frozen,
)
from domain.money import euros_of
from domain.neighbourhoods import AREAS, names_of
from domain.wall_clock import comes_twice
from handlers.console.budget.printing import LETTERS_AT_ONCE
from handlers.console.forms import (
    WrongField,
    amount_of,
    count_of,
    moment_in,
    version_of,
    wall_clock,
    why_of,
    words_of,
)
from handlers.console.pages import go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of, texts_of
from locales.texts import say
from services.budget import round_acts, rounds
from services.budget.codes import batches, counts_for_staff
from services.budget.plans import plans
from services.budget.results import result_of
from services.budget.round_acts import Frozen, RoundChanged, WrongRound
from services.budget.rounds import Round
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work

router = APIRouter()
RoundId = Annotated[str, Path(max_length=64)]
_DONE = ("made", "changed", "moved", "extended", "plan", "removed", "imported", "blocked", "counted", "corrected")


@router.get("/rounds")
async def asked_for_rounds(request: Request, work: OpenWork, staff: SignedIn) -> Response:
    """The rounds that this member of staff may manage."""
    return page(request, "budget/rounds.html", rounds=await round_acts.rounds(work, staff), places=names_of)


@router.get("/rounds/new")
async def asked_for_new_round(request: Request, work: OpenWork, staff: SignedIn) -> Response:
    """The form for a new round."""
    await round_acts.rounds(work, staff)  # raises NotAllowed for staff who may make none
    return _form_page(request, {"choose_min": "3", "choose_max": "5", "rule": Rule.MOST_VOTES_STOP}, ("nl",))


@router.post("/rounds/new")
async def sent_new_round(request: Request, work: OpenWork, staff: SignedIn, form: SentForm) -> Response:
    """Make a round; with a mistake, show the form again as it was filled in."""
    try:
        made = await round_acts.make_round(work, staff, _draft(form), text_of(form, "once") or None)
    except (WrongField, WrongRound) as error:
        return _form_again(request, form, **why_of(language_of(request), error))
    except RepeatedDifferently as error:
        problem = say(language_of(request), "console.error.repeated")
        return _form_again(request, form, problem=problem, there=f"/rounds/{error.made}")
    return go(f"/rounds/{made.id}?done=made")


@router.get("/rounds/{round_id}")
async def asked_for_round(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, done: str = ""
) -> Response:
    """One round."""
    return await round_page(request, work, staff, round_id, done=done)


@router.get("/rounds/{round_id}/change")
async def asked_for_change(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId) -> Response:
    """The form with the round as it is."""
    try:
        found = await changeable_round(work, staff, round_id)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    given = {
        **{f"title_{language}": words for language, words in found.title.items()},
        "amount_cents": euros_of(found.amount_cents),
        "choose_min": str(found.choose_min),
        "choose_max": str(found.choose_max),
        "rule": found.rule,
        "opens_at": wall_clock(found.opens_at),
        "closes_at": wall_clock(found.closes_at),
        "version": str(found.version),
    }
    return _form_page(request, given, found.languages, found.areas, round_id=round_id)


@router.post("/rounds/{round_id}/change")
async def sent_change(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm) -> Response:
    """Change a round; with a mistake, show the form again as it was filled in."""
    try:
        await changeable_round(work, staff, round_id)
        await round_acts.change_round(work, staff, round_id, _draft(form), version_of(form) or 0)
    except (WrongField, WrongRound) as error:
        return _form_again(request, form, round_id=round_id, **why_of(language_of(request), error))
    except RoundChanged:
        newest = str((await managed_round(work, staff, round_id)).version)
        problem, there = say(language_of(request), "console.error.changed"), f"/rounds/{round_id}"
        return _form_again(request, form, newest, round_id=round_id, problem=problem, there=there)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go(f"/rounds/{round_id}?done=changed")


async def managed_round(work: Work, staff: Staff, round_id: str) -> Round:
    """A round that this member of staff may manage. Raises NotAllowed, NoSuchRound."""
    return rounds.as_round(await round_acts.managed(work, staff, round_id))


async def changeable_round(work: Work, staff: Staff, round_id: str) -> Round:
    """A round that may still change. Raises NotAllowed, NoSuchRound, Frozen."""
    found = await managed_round(work, staff, round_id)
    if is_frozen(RoundState(found.state)):
        raise Frozen
    return found


async def frozen_page(request: Request, work: Work, staff: Staff, round_id: str) -> Response:
    """The page of a round, with the reason why it can't change any more."""
    return await round_page(request, work, staff, round_id, problem=say(language_of(request), "console.rounds.frozen"))


async def round_page(
    request: Request,
    work: Work,
    staff: Staff,
    round_id: str,
    *,
    done: str = "",
    problem: str | None = None,
    at: str = "",
    given: Mapping[str, str] | None = None,
    replaced: str | None = None,
) -> Response:
    """The page of one round.

    done: name of the act that was just done · problem: why something was refused, in words · at: the field that it is
    about · given: what was filled in, by field · replaced: a new code, in place of a lost one.
    """
    found = await managed_round(work, staff, round_id)
    return page(
        request,
        "budget/round.html",
        status=409 if problem else 200,
        round=found,
        places=names_of(found.areas),
        open=found.state in BEFORE_VOTING,
        plans=await plans(work, round_id),
        counts=await counts_for_staff(work, round_id),
        batches=await batches(work, staff, round_id),
        result=await result_of(work, round_id),
        classes=CODE_CLASSES,
        letters_at_once=LETTERS_AT_ONCE,
        given={"closes_at": wall_clock(found.closes_at), "why": "", **(given or {})},
        doubled=comes_twice(found.opens_at) or comes_twice(found.closes_at),
        reasons=[one for one in MoreTime if (one == MoreTime.LOST) == (found.halted == HaltReason.LOST)],
        done=done if done in _DONE else "",
        problem=problem,
        at=at,
        replaced=replaced,
        once=secrets.token_urlsafe(16),
    )


def _draft(form: FormData) -> RoundDraft:
    return RoundDraft(
        title=words_of(form, "title"),
        areas=_areas(form),
        amount_cents=amount_of(form, "amount_cents"),
        choose_min=count_of(form, "choose_min", "choose"),
        choose_max=count_of(form, "choose_max", "choose"),
        rule=text_of(form, "rule"),
        opens_at=moment_in(form, "opens_at"),
        closes_at=moment_in(form, "closes_at"),
        languages=texts_of(form, "languages"),
    )


def _areas(form: FormData) -> tuple[str, ...]:
    """The neighbourhoods that were ticked, one by one or by their gebied."""
    whole = (one.code for area in texts_of(form, "gebied") for one in AREAS.get(area, ()))
    return tuple(sorted({*texts_of(form, "areas"), *whole}))


def _form_again(request: Request, form: FormData, version: str = "", **why: str) -> Response:
    """The form as it was filled in. version: the present one, to be sent next time · why: as in _form_page."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    given["version"] = version or text_of(form, "version")
    return _form_page(request, given, texts_of(form, "languages"), _areas(form), **why)


def _form_page(
    request: Request,
    given: Mapping[str, str],
    spoken: tuple[str, ...],
    chosen: tuple[str, ...] = (),
    *,
    round_id: str = "",
    problem: str = "",
    at: str = "",
    there: str = "",
) -> Response:
    """The form. problem: why nothing was kept · at: the wrong field · there: the page of what is kept already."""
    return page(
        request,
        "budget/round_form.html",
        status=409 if there else 422 if problem else 200,
        at=at,
        given=given,
        spoken=spoken,
        chosen=set(chosen),
        areas=AREAS,
        rules=tuple(Rule),
        most=CHOICES_LIMIT,
        longest=TITLE_LIMIT,
        round_id=round_id,
        problem=problem,
        there=there,
        once=secrets.token_urlsafe(16),
    )
