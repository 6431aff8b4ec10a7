"""The plans of a round: texts per language, place, cost and photo."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from domain.budget.commitments import EntryKind
from domain.budget.rounds import (
    FIELDS,
    PLANS_LIMIT,
    PlanDraft,
    RoundState,
    is_frozen,
    wrong_in_correction,
    wrong_in_plan,
)
from domain.cleaning import one_line
from domain.refusals import Changed, Invalid, NotThere
from domain.sealing import new_id
from locales.texts import LANGUAGES
from services.budget.round_acts import Frozen, managed, told
from services.budget.statements import state
from services.staff.access import note
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Work
from storage.budget import rounds

__all__ = [
    "NoSuchPlan", "Plan", "PlanChanged", "PlanDraft", "WrongPlan", "add", "add_plan", "change_plan", "columns",
    "correct_plan", "photo", "plans", "remove_plan", "unfrozen",
]  # fmt: skip


class NoSuchPlan(NotThere):
    """No plan of that round has that id."""


class PlanChanged(Changed):
    """Another member of staff changed the plan first: look again before you go on."""


class WrongPlan(Invalid):
    """A draft that can't be a plan. `field`: the first wrong field of PlanDraft, or `many` (over 500 plans).

    `reason`: a key of domain.budget.rounds.FIELDS where a field can be wrong in several ways, else the field again.
    A correction also has `why` and `same` (nothing would change).
    """

    def __init__(self, reason: str) -> None:
        """Nothing was kept."""
        super().__init__(reason)
        self.reason = reason
        self.field = FIELDS.get(reason, reason)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    number: by which voters, ballots and published files name it, from 1 · title, story: by language · version: counts
    every change.
    """

    id: str
    round_id: str
    number: int
    title: Mapping[str, str]
    story: Mapping[str, str]
    place: str
    cost_cents: int
    has_photo: bool
    version: int = 1


async def plans(work: Work, round_id: str) -> list[Plan]:
    """The plans of a round by their numbers, for anybody."""
    return [_plan(row) for row in await rounds.plans_of(work, round_id)]


def lacking(languages: Sequence[str], found: Sequence[Plan]) -> list[str]:
    """The languages of a round in which some plan of it has no title."""
    return [code for code in languages if any(code not in plan.title for plan in found)]


async def photo(work: Work, plan_id: str) -> bytes | None:
    """The photo of a plan (JPEG), for anybody; None when it has none."""
    return await rounds.photo_of(work, plan_id)


async def add_plan(work: Work, staff: Staff, round_id: str, draft: PlanDraft, once: str | None = None) -> Plan:
    """Add a plan.

    once: an idempotency key; the same draft again has no second effect. Raises NotAllowed, NoSuchRound, Frozen,
    WrongPlan, RepeatedDifferently, and NoSuchPlan when the plan that the same request made was removed since.
    """
    await unfrozen(work, staff, round_id)
    asked = f"{round_id}|{sorted(columns(draft).items())}|{sha256(draft.photo or b'').hexdigest()}"
    if before := await made_before(work, staff, "plan", once, asked):
        return _plan(await _theirs(work, round_id, before))
    if len(await rounds.plan_numbers(work, round_id)) >= PLANS_LIMIT:
        raise WrongPlan("many")
    plan_id = new_id()
    await made_before(work, staff, "plan", once, asked, plan_id)
    plan = await add(work, round_id, plan_id, draft)
    await note(work, staff, round_id, "plans")
    return plan


async def change_plan(work: Work, staff: Staff, round_id: str, plan_id: str, draft: PlanDraft, version: int) -> Plan:
    """Change a plan; draft.photo None keeps its photo.

    Raises NotAllowed, NoSuchRound, Frozen, NoSuchPlan, PlanChanged, WrongPlan.
    """
    await unfrozen(work, staff, round_id)
    if (await _theirs(work, round_id, plan_id)).version != version:
        raise PlanChanged
    values = columns(draft)
    if draft.photo is not None:
        await rounds.put_photo(work, plan_id, round_id, draft.photo)
        values["has_photo"] = bool(draft.photo)
    await rounds.change_plan(work, plan_id, **values)
    await note(work, staff, round_id, "plans")
    return _plan(await _theirs(work, round_id, plan_id))


async def correct_plan(
    work: Work, staff: Staff, round_id: str, plan_id: str, draft: PlanDraft, why: str, version: int
) -> Plan:
    """Correct the words of a plan while voting is open: published, and kept for ever as an entry of the chain.

    why: one of domain.budget.rounds.Correction; a translation may only add languages, and no correction takes one
    away. Cost and photo of the draft are ignored. Raises NotAllowed, NoSuchRound, Frozen when voting is not open,
    NoSuchPlan, PlanChanged, WrongPlan.
    """
    row = await managed(work, staff, round_id, lock=True)
    if row.state != RoundState.VOTING:
        raise Frozen
    before = _plan(await _theirs(work, round_id, plan_id))
    if before.version != version:
        raise PlanChanged
    values = columns(replace(draft, cost_cents=before.cost_cents, photo=None))
    after = replace(before, title=told(draft.title, one_line), story=told(draft.story), place=one_line(draft.place))
    if field := wrong_in_correction(_words(before), _words(after), why):
        raise WrongPlan(field)
    await state(
        work, round_id, EntryKind.CORRECTION,
        {"at": work.now.isoformat(), "plan": before.number, "why": why, **_words(after)},
    )  # fmt: skip
    await rounds.change_plan(work, plan_id, title=values["title"], story=values["story"], place=values["place"])
    await note(work, staff, round_id, "plans")
    return _plan(await _theirs(work, round_id, plan_id))


async def remove_plan(work: Work, staff: Staff, round_id: str, plan_id: str) -> None:
    """Remove a plan; the others keep their numbers. Raises NotAllowed, NoSuchRound, Frozen, NoSuchPlan."""
    await unfrozen(work, staff, round_id)
    await _theirs(work, round_id, plan_id)
    await rounds.drop_plan(work, plan_id)
    await note(work, staff, round_id, "plans")


async def unfrozen(work: Work, staff: Staff, round_id: str) -> None:
    """Lock a round whose plans may still change. Raises NotAllowed, NoSuchRound, Frozen."""
    row = await managed(work, staff, round_id, lock=True)
    if is_frozen(RoundState(row.state)):
        raise Frozen


async def _theirs(work: Work, round_id: str, plan_id: str) -> rounds.PlanRow:
    row = await rounds.plan_by_id(work, plan_id)
    if row is None or row.round_id != round_id:
        raise NoSuchPlan
    return row


async def add(work: Work, round_id: str, plan_id: str, draft: PlanDraft) -> Plan:
    """Keep a new plan; the caller holds the round's lock. Raises WrongPlan."""
    values = {"id": plan_id, "round_id": round_id, "has_photo": bool(draft.photo), **columns(draft)}
    await rounds.add_plan(work, values)
    await rounds.put_photo(work, plan_id, round_id, draft.photo or b"")
    return _plan(await _theirs(work, round_id, plan_id))


def columns(draft: PlanDraft) -> dict[str, object]:
    """The database columns of a draft, cleaned; not its photo. Raises WrongPlan."""
    title, story, place = told(draft.title, one_line), told(draft.story), one_line(draft.place)
    clean = PlanDraft(title, story, place, draft.cost_cents, draft.photo)
    if reason := wrong_in_plan(clean, LANGUAGES):
        raise WrongPlan(reason)
    return {
        "title": json.dumps(clean.title), "story": json.dumps(clean.story), "place": clean.place,
        "cost_cents": clean.cost_cents,
    }  # fmt: skip


def _words(plan: Plan) -> dict[str, Any]:
    return {"title": dict(plan.title), "story": dict(plan.story), "place": plan.place}


def _plan(row: rounds.PlanRow) -> Plan:
    title, story = json.loads(row.title), json.loads(row.story)
    return Plan(row.id, row.round_id, row.number, title, story, row.place, row.cost_cents, row.has_photo, row.version)
