"""What is done with a round: moved, opened, given more time, deleted; the page on which that is confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.budget import State
from domain.wall_clock import TIMEZONE
from handlers.console.budget import RoundId, frozen_page, managed_round, round_page
from handlers.console.forms import WrongField, moment_in, refusal, version_of
from handlers.console.pages import go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of
from locales.texts import NAMES, listing, moment, money, say
from services import budget
from services.budget import Frozen, MayNotMove, RoundChanged, WrongRound
from services.codes import counts_for_staff
from services.plans import plans
from services.rounds import Round
from services.work import Work

router = APIRouter()
DELETE, EXTEND = "delete", "extend"


@router.get("/rounds/{round_id}/confirm")
async def asked_to_confirm(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, what: str = ""
) -> Response:
    """What opening the vote, or deleting a draft, does; the deed is there."""
    found = await managed_round(work, staff, round_id)
    if what == State.VOTING and what in found.next_moves():
        if (hindrance := await budget.hindrance(work, round_id)) is not None:
            return await round_page(request, work, staff, round_id, problem=_not_moved(request, hindrance))
        return await _confirm(request, work, found, what, [("to", what)])
    if what == DELETE and found.state == State.DRAFTING:
        return await _confirm(request, work, found, what)
    problem = say(language_of(request), "console.notmoved.move")
    return await round_page(request, work, staff, round_id, problem=problem)


@router.post("/rounds/{round_id}/delete")
async def sent_delete(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm) -> Response:
    """A draft, deleted with its plans."""
    try:
        await budget.discard(work, staff, round_id, version_of(form) or 0)
    except RoundChanged:
        found = await managed_round(work, staff, round_id)
        return await _confirm(request, work, found, DELETE, changed=True)
    except Frozen:
        return await frozen_page(request, work, staff, round_id)
    return go("/rounds")


@router.post("/rounds/{round_id}/move")
async def sent_round_move(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """The round in its next state."""
    to, seen = text_of(form, "to"), text_of(form, "seen")
    try:
        await budget.move_round(work, staff, round_id, to, seen)
    except RoundChanged:
        found = await managed_round(work, staff, round_id)
        return await _confirm(request, work, found, to, [("to", to)], changed=bool(seen))
    except MayNotMove as error:
        return await round_page(request, work, staff, round_id, problem=_not_moved(request, error))
    return go(f"/rounds/{round_id}?done=moved")


@router.post("/rounds/{round_id}/extend")
async def sent_more_time(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """An open vote, with more time."""
    given = {name: text_of(form, name) for name in ("closes_at", "why")}
    try:
        until = moment_in(form, "closes_at")
        await budget.extend_round(work, staff, round_id, until, given["why"], text_of(form, "seen"))
    except RoundChanged:
        found, when = await managed_round(work, staff, round_id), moment(language_of(request), until, TIMEZONE)
        return await _confirm(
            request, work, found, EXTEND, list(given.items()), until=when, changed=bool(text_of(form, "seen"))
        )
    except MayNotMove as error:
        return await round_page(request, work, staff, round_id, problem=_not_moved(request, error))
    except (WrongField, WrongRound) as error:
        problem = _not_extended(request, error)
        return await round_page(request, work, staff, round_id, problem=problem, at=error.field, given=given)
    return go(f"/rounds/{round_id}?done=extended")


def _not_moved(request: Request, error: MayNotMove) -> str:
    language = language_of(request)
    plans = listing(language, [str(number) for number in error.plans])
    return say(language, f"console.notmoved.{error.reason}", {"plans": plans})


def _not_extended(request: Request, error: WrongField | WrongRound) -> str:
    if error.reason == error.field:
        return say(language_of(request), f"console.notextended.{error.field}")
    return refusal(language_of(request), error.reason)


async def _confirm(
    request: Request,
    work: Work,
    found: Round,
    what: str,
    fields: Sequence[tuple[str, str]] = (),
    *,
    until: str = "",
    changed: bool = False,
) -> Response:
    """what: voting, extend or delete · fields: what is asked · until: the new end · changed: it is shown again."""
    language, there = language_of(request), await plans(work, found.id)
    counts = await counts_for_staff(work, found.id)
    facts: list[tuple[str, str | int]] = [
        ("console.rounds.amount", money(language, found.amount_cents)),
        ("console.asked.plans", len(there)),
        ("console.codebox.made", counts.made),
        ("console.rounds.closes", until or moment(language, found.closes_at, TIMEZONE)),
    ]
    lacking = {NAMES[code] for plan in there for code in found.languages if code not in plan.title}
    if what == State.VOTING and lacking:
        facts.append(("console.asked.lacking", listing(language, sorted(lacking))))
    path = f"/rounds/{found.id}"
    return page(
        request,
        "confirm.html",
        status=409 if request.method == "POST" else 200,
        back=path,
        action=f"{path}/{'move' if what == State.VOTING else what}",
        name=found.title,
        what=f"round_{what}",
        changed=changed,
        facts=facts,
        phones=[],
        fields=[*fields, ("version", str(found.version)), ("seen", await budget.seen_of(work, found.id))],
    )
