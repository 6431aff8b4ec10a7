"""Import plans of a CSV file into a round; plans that the round has already are shown first and never added twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.budget.rounds import PLANS_LIMIT, PlanDraft
from domain.cleaning import one_line
from domain.refusals import Changed
from domain.sealing import new_id
from services.budget.plan_table import WrongRow, read
from services.budget.plans import Plan, WrongPlan, add, columns, plans, unfrozen
from services.budget.round_acts import told
from services.staff.access import note
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Work
from storage.budget import rounds


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A plan of the round for which the file has other words or costs. after: the plan with those."""

    plan: Plan
    after: PlanDraft


@dataclass(frozen=True, slots=True)
class FileComparison:
    """What importing a file would do to a round.

    new: plans to add · same: how many rows repeat a plan of the round or a row further up in the file · changed: plans
    for which the file has something else · seen: a hash of all this, for `import_plans`.
    """

    new: tuple[PlanDraft, ...]
    same: int
    changed: tuple[PlanChange, ...]
    seen: str


class PlansThere(Changed):
    """Some of these plans are in the round, or twice in the file: look first. comparison: what the import would do."""

    def __init__(self, comparison: FileComparison) -> None:
        """Nothing was kept."""
        super().__init__("some of these plans are there")
        self.comparison = comparison


async def import_plans(
    work: Work, staff: Staff, round_id: str, csv_text: str, once: str | None = None, seen: str = ""
) -> list[Plan]:
    """Add the plans of a CSV file and change those that differ from it, all or none; returns the plans added.

    The heading names the columns, in any order: `title_nl`, `title_en` …, `story_nl` …, `place`, `cost` (euros).
    Commas, semicolons or tabs separate them. What the file leaves empty stays. once: an idempotency key; the same file
    again adds nothing and returns [] · seen: `seen` of the comparison that staff looked at. Raises NotAllowed,
    NoSuchRound, Frozen, WrongRow, RepeatedDifferently, and PlansThere unless `seen` is what would happen now.
    """
    await unfrozen(work, staff, round_id)
    asked = f"{round_id}|{csv_text}"
    if await made_before(work, staff, "plans", once, asked):
        return []
    there = await plans(work, round_id)
    found = _compared(round_id, there, _checked(csv_text, len(there)))
    if (found.same or found.changed) and seen != found.seen:
        raise PlansThere(found)
    await made_before(work, staff, "plans", once, asked, round_id)
    for change in found.changed:
        await rounds.change_plan(work, change.plan.id, **columns(change.after))
    added = [await add(work, round_id, new_id(), draft) for draft in found.new]
    await note(work, staff, round_id, "plans")
    return added


def _checked(csv_text: str, there: int) -> list[tuple[int, PlanDraft]]:
    """The rows of a file, cleaned, each with its line. there: how many plans the round has. Raises WrongRow."""
    rows = read(csv_text)
    if len(rows) > PLANS_LIMIT:  # before each row is checked, which takes time
        raise WrongRow(rows[max(PLANS_LIMIT - there, 0)][0], "many")
    checked = []
    for line, draft in rows:
        try:
            columns(draft)
        except WrongPlan as error:
            raise WrongRow(line, error.reason) from None
        clean = PlanDraft(told(draft.title, one_line), told(draft.story), one_line(draft.place), draft.cost_cents)
        checked.append((line, clean))
    return checked


def _compared(round_id: str, there: Sequence[Plan], rows: Sequence[tuple[int, PlanDraft]]) -> FileComparison:
    """What the rows would do to the plans there are. Raises WrongRow when the round would have too many."""
    titled: dict[tuple[str, str], list[Plan]] = {}
    for plan in there:
        for title in _titles(plan.title):
            titled.setdefault(title, []).append(plan)
    new, changed, same = list[PlanDraft](), dict[str, PlanChange](), 0
    for line, draft in rows:
        near = {plan.id: plan for title in _titles(draft.title) for plan in titled.get(title, ())}
        like = [plan for plan in near.values() if _one_title(plan.title, draft.title)]
        afters = [one.after for one in changed.values()]
        if draft in new or draft in afters or any(_merged(plan, draft) == _as_draft(plan) for plan in like):
            same += 1
        elif len(like) == 1 and like[0].id not in changed:
            changed[like[0].id] = PlanChange(like[0], _merged(like[0], draft))
        else:
            new.append(draft)
            if len(there) + len(new) > PLANS_LIMIT:
                raise WrongRow(line, "many")
    parts = [(one.plan.id, one.plan.version, one.after) for one in changed.values()]
    seen = hashlib.sha256(repr((round_id, new, same, parts)).encode()).hexdigest()[:32]
    return FileComparison(tuple(new), same, tuple(changed.values()), seen)


def _titles(words: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(code, title.casefold()) for code, title in words.items()}


def _merged(plan: Plan, draft: PlanDraft) -> PlanDraft:
    """The plan with what the file says of it; words that the file does not give stay."""
    title, story = {**plan.title, **draft.title}, {**plan.story, **draft.story}
    return replace(draft, title=title, story=story, place=draft.place or plan.place)


def _as_draft(plan: Plan) -> PlanDraft:
    return PlanDraft(dict(plan.title), dict(plan.story), plan.place, plan.cost_cents)


def _one_title(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two plans have the same title in every language that both have."""
    return all(one[code].casefold() == other[code].casefold() for code in set(one) & set(other))
