"""Acts on a round: move it, open the vote, give it more time, delete it; and the page on which an act is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from conversations.budget import vote
from domain.budget.rounds import Extension, RoundState
from domain.screens import Screen
from domain.wall_clock import TIMEZONE
from handlers.console.budget.rounds import RoundId, managed_round, round_page
from handlers.console.confirm import confirm_page
from handlers.console.forms import WrongField, moment_in, refusal, version_of
from handlers.console.pages import go, language_of
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of
from locales.texts import NAMES, listing, moment, money, number, say
from services.budget import round_acts
from services.budget.codes import counts_for_staff
from services.budget.plans import Plan, lacking, plans
from services.budget.round_acts import MayNotMove, RoundChanged, WrongRound
from services.budget.rounds import Round
from services.work import Work

router = APIRouter()
DELETE, EXTEND = "delete", "extend"


@router.get("/rounds/{round_id}/confirm")
async def asked_to_confirm(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, what: str = ""
) -> Response:
    """The page that tells what a move, or deleting a draft, does, and asks to confirm it. Nothing is done yet."""
    found, hindrance = await managed_round(work, staff, round_id), None
    if what == DELETE:
        hindrance = await round_acts.hindrance_to_discard(work, round_id)
    elif what not in found.next_moves():
        hindrance = MayNotMove("move")
    elif what == RoundState.VOTING:
        hindrance = await round_acts.hindrance(work, round_id)
    if hindrance is not None:
        return await round_page(request, work, staff, round_id, problem=_not_moved(request, hindrance))
    return await _confirm(request, work, found, what)


@router.post("/rounds/{round_id}/delete")
async def sent_delete(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm) -> Response:
    """Delete a draft with its plans."""
    try:
        await round_acts.discard(work, staff, round_id, version_of(form) or 0)
    except RoundChanged:
        found = await managed_round(work, staff, round_id)
        return await _confirm(request, work, found, DELETE, changed=True)
    except MayNotMove as error:
        return await round_page(request, work, staff, round_id, problem=_not_moved(request, error))
    return go("/rounds")


@router.post("/rounds/{round_id}/move")
async def sent_round_move(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """Bring the round to another state."""
    to, seen = text_of(form, "to"), text_of(form, "seen")
    try:
        await round_acts.move_round(work, staff, round_id, to, seen)
    except RoundChanged:
        found = await managed_round(work, staff, round_id)
        return await _confirm(request, work, found, to, changed=bool(seen))
    except MayNotMove as error:
        return await round_page(request, work, staff, round_id, problem=_not_moved(request, error))
    return go(f"/rounds/{round_id}?done=moved")


@router.post("/rounds/{round_id}/extend")
async def sent_more_time(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """Give an open vote more time."""
    given = {name: text_of(form, name) for name in ("closes_at", "why")}
    seen = text_of(form, "seen")
    try:
        until = moment_in(form, "closes_at")
        await round_acts.extend_round(work, staff, round_id, until, given["why"], seen)
    except RoundChanged:
        found = await managed_round(work, staff, round_id)
        more = Extension(work.now, found.closes_at, until, given["why"])
        return await _confirm(request, work, found, EXTEND, more=more, fields=[*given.items()], changed=bool(seen))
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
    *,
    more: Extension | None = None,
    fields: Sequence[tuple[str, str]] = (),
    changed: bool = False,
) -> Response:
    """The page that asks to confirm an act.

    what: a state, EXTEND or DELETE · more: the extension that is asked for · fields: (name, value) of its form ·
    changed: this is asked again, because what staff saw has changed.
    """
    language, there = language_of(request), await plans(work, found.id)
    path, counts = f"/rounds/{found.id}", await counts_for_staff(work, found.id)
    moves = what not in (EXTEND, DELETE)
    do = {EXTEND: "console.rounds.more_time", DELETE: "console.broadcast_act.delete"}.get(
        what, f"console.roundto.{what}"
    )
    kind = "move" if moves and what != RoundState.VOTING else what
    facts = [
        ("console.rounds.amount", money(language, found.amount_cents)),
        ("console.asked.plans", number(language, len(there))),
        ("console.asked.codes", number(language, counts.made)),
        ("console.rounds.closes", moment(language, more.until if more else found.closes_at, TIMEZONE)),
    ]
    if what == RoundState.VOTING and (missing := lacking(found.languages, there)):
        facts.append(("console.asked.lacking", listing(language, [NAMES[code] for code in missing])))
    return confirm_page(
        request,
        back=path,
        action=f"{path}/{'move' if moves else what}",
        name=found.title,
        do=say(language, do),
        explain=say(language, f"console.asked_what.round_{kind}"),
        changed=changed,
        facts=facts,
        screens=_screens(found, there, more) if what in (RoundState.VOTING, EXTEND) else [],
        fields=[
            *([("to", what)] if moves else fields),
            ("version", str(found.version)),
            ("seen", await round_acts.seen_of(work, found.id)),
        ],
    )


def _screens(found: Round, there: Sequence[Plan], more: Extension | None) -> list[Screen]:
    """The first screens that voters read; before the vote opens, with its plans."""
    if more:
        return [vote.ask_code([replace(found, closes_at=more.until, extensions=(*found.extensions, more))], [])]
    return [vote.ask_code([found], []), vote.ballot(vote.BallotInHand(found, tuple(there), (), False))]
