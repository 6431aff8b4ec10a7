"""A closed vote made up for tests, as `services.budget.closing.opened` gives it: ballots, their chain, the counts."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from domain.budget.commitments import Commitment, EntryKind, SealedChoice, chained, with_statement
from services.budget.closing import Opened
from services.budget.codes import CodeTotals
from services.budget.plans import Plan
from services.budget.rounds import Round
from services.budget.statements import beginning
from storage.budget.rounds import PlanRow, RoundRow

ROUND_ID = "abcdefghijklmnopqrstuvwxyz"
NOON = datetime(2026, 11, 1, 11, 0, tzinfo=UTC)


def made_round(rule: str = "most-votes-stop", amount_cents: int = 3_000_00) -> Round:
    title = {"nl": "Buurtbudget Slotermeer", "ar": "ميزانية الحي", "en": '=Budget; "Slotermeer"'}
    return Round(
        ROUND_ID, title, "counting", ("FK01",), amount_cents, 1, 3, rule, NOON, NOON + timedelta(days=14),
        "5eed" * 8, ("nl", "en", "tr", "ar"),
    )  # fmt: skip


def made_plans(costs: Sequence[int] = (1_000_00, 700_00, 1_200_50, 400_00, 900_00, 250_00)) -> tuple[Plan, ...]:
    return tuple(
        Plan(
            f"plan{number}", ROUND_ID, number,
            {"nl": f"Plan <b>{number}</b>; bomen", "ar": f"خطة {number}"}, {"nl": "Een verhaal & meer."},
            "Plein '40-'45", cost, has_photo=False,
        )
        for number, cost in enumerate(costs, 1)
    )  # fmt: skip


def made_vote(ballots: int, *, seed: int = 1, replaced: int = 3, costs: Sequence[int] | None = None) -> Opened:
    """A closed vote with so many ballots of 1 to 3 plans each; `replaced` more were committed to and changed later."""
    chance = random.Random(seed)
    plans = made_plans(costs) if costs else made_plans()
    numbers = range(1, len(plans) + 1)
    made = [_ballot(chance, numbers) for _ in range(ballots + replaced)]
    values = [ballot.commitment(ROUND_ID) for ballot in made]
    half = len(values) // 2
    chain: list[Commitment] = []
    for day, part in ((date(2026, 11, 2), values[:half]), (date(2026, 11, 15), values[half:])):
        chain += chained(chain, part, day)
    counted = sorted(made[replaced:], key=lambda one: one.receipt)
    gone = tuple(ballot.commitment(ROUND_ID) for ballot in made[:replaced])
    businesses = min(ballots, 4)
    used = {("resident", "telegram"): ballots - businesses, ("business", "telegram"): businesses}
    counts = CodeTotals(made=ballots + 20, handed_out=ballots + 15, used=ballots, blocked=2, used_by=used)
    return stated(Opened(ROUND_ID, tuple(counted), tuple(chain), gone, 0, counts, plans), made_round())


def stated(opened: Opened, round_: Round, later: Sequence[tuple[EntryKind, dict[str, Any]]] = ()) -> Opened:
    """The same vote with a chain that begins with the opening of this round.

    later: statements (corrections, extensions) that the chain gets after its first batch of ballots.
    """
    row = RoundRow.model_construct(
        id=round_.id, title=json.dumps(round_.title), areas=json.dumps(round_.areas), rule=round_.rule,
        languages=json.dumps(round_.languages), amount_cents=round_.amount_cents, choose_min=round_.choose_min,
        choose_max=round_.choose_max, tie_seed=round_.tie_seed, opens_at=round_.opens_at,
        closes_at=NOON + timedelta(days=14) if later else round_.closes_at, extensions=None,
    )  # fmt: skip
    plans = [
        PlanRow.model_construct(
            id=plan.id, number=plan.number, title=json.dumps(plan.title), story=json.dumps(plan.story),
            place=plan.place, cost_cents=plan.cost_cents,
        )
        for plan in opened.plans
    ]  # fmt: skip
    chain = list(beginning(row, plans, NOON.date()))
    ballots = [one for one in opened.commitments if one.kind == EntryKind.BALLOT]
    for place, (day, batch) in enumerate(groupby(ballots, key=lambda one: one.day)):
        chain += chained(chain, (one.value for one in batch), day)
        if place == 0:
            for kind, content in later:
                chain.append(with_statement(chain, kind, content, day))
    corrected = {content["plan"]: content for kind, content in later if kind == EntryKind.CORRECTION}
    named = [
        replace(plan, **{name: corrected[plan.number][name] for name in ("title", "story", "place")})
        if plan.number in corrected
        else plan
        for plan in opened.plans
    ]
    return replace(opened, commitments=tuple(chain), plans=tuple(named))


def _ballot(chance: random.Random, numbers: Sequence[int]) -> SealedChoice:
    liked = [number for number in numbers for _ in range(len(numbers) - number + 1)]
    choices: set[int] = set()
    while len(choices) < 1 + chance.randrange(3):
        choices.add(chance.choice(liked))
    receipt = "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=10))
    return SealedChoice(tuple(sorted(choices)), f"{receipt[:5]}-{receipt[5:]}", chance.randbytes(32).hex())
