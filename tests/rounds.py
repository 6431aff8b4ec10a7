"""Budget rounds for tests, with plans and voting codes, and voters who cast their ballots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain.budget.rounds import RoundDraft, RoundState
from domain.staff.rights import SCOPES, Mandate, StaffRole
from handlers.telegram.reaches import reach_of
from services.budget import codes, plans, round_acts, voting
from services.budget.plans import PlanDraft
from services.budget.rounds import Round
from services.staff.accounts import Staff
from services.work import Work


def organiser(role: StaffRole = StaffRole.ORGANISER, areas: Iterable[str] | None = None) -> Staff:
    """A member of staff of this role. The services trust this object: looking up who acts is the handlers' work."""
    mandate = Mandate(role, None if areas is None else frozenset(areas))
    return Staff(role, role.encode(), mandate, SCOPES[role])


def round_draft(work: Work, **changed: object) -> RoundDraft:
    """A round that opens in an hour and closes in a week. changed: fields with another value."""
    values: dict[str, object] = {
        "title": {"nl": "Buurtbudget Geuzenveld", "en": "Neighbourhood budget", "ar": "ميزانية الحي"},
        "areas": ("FB01", "FB02"), "amount_cents": 25_000_00, "choose_min": 3, "choose_max": 5,
        "rule": "most-votes-stop", "opens_at": work.now + timedelta(hours=1),
        "closes_at": work.now + timedelta(days=7), "languages": ("nl", "en", "tr", "ar"),
    }  # fmt: skip
    return RoundDraft(**(values | changed))  # type: ignore[arg-type]


def plan_draft(number: int, **changed: object) -> PlanDraft:
    """The plan with this number; it costs `number` times 1000 euros. changed: fields with another value."""
    values: dict[str, object] = {
        "title": {"nl": f"Plan {number}", "en": f"Plan {number}"}, "story": {"nl": f"Wat plan {number} is."},
        "place": "Plein '40-'45", "cost_cents": number * 1_000_00,
    }  # fmt: skip
    return PlanDraft(**(values | changed))  # type: ignore[arg-type]


async def drafted(work: Work, many: int = 6, **changed: object) -> Round:
    """A round with plans 1 to `many`, not open yet."""
    chief = organiser()
    made = await round_acts.make_round(work, chief, round_draft(work, **changed))
    for number in range(1, many + 1):
        await plans.add_plan(work, chief, made.id, plan_draft(number))
    return made


async def open_round(work: Work, voters: int, many: int = 6, **changed: object) -> tuple[Round, tuple[str, ...]]:
    """A round that is open for voting, and `voters` voting codes."""
    made = await drafted(work, many, **changed)
    chief = organiser()
    batch = await codes.make_codes(work, chief, made.id, voters)
    return await round_acts.move_round(work, chief, made.id, RoundState.VOTING), batch.codes


async def vote(work: Work, telegram_id: int, code: str, choices: Iterable[int]) -> voting.Cast:
    """Enter a code, choose, cast."""
    await voting.enter(work, reach_of(telegram_id), code)
    await choose(work, telegram_id, choices)
    return await voting.cast(work, reach_of(telegram_id))


async def choose(work: Work, telegram_id: int, choices: Iterable[int]) -> voting.BallotDraft:
    """Choose plans on the voter's draft ballot, as a tap does. Raises NoDraft where there is none."""
    held = await voting.draft(work, reach_of(telegram_id), lock=True)
    if held is None:
        raise voting.NoDraft
    return await voting.choose(work, held, choices, [plan.number for plan in await plans.plans(work, held.round.id)])
