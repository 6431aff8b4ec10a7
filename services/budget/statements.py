"""What is published about an open vote, as links of its chain: the opening, more time, a corrected plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.budget.commitments import Commitment, EntryKind, with_statement
from domain.budget.verifier import MIN_VOTES, TIE_RULE
from services.work import Work
from storage.budget import rounds


async def commitments(work: Work, round_id: str) -> tuple[Commitment, ...]:
    """A round's chain so far, for anybody: its last entry holds the head and the number that are published."""
    return await rounds.commitments_of(work, round_id)


async def corrections(work: Work, round_id: str) -> list[dict[str, Any]]:
    """The published corrections of plans, oldest first: at (a moment), plan (its number), why, title, story, place."""
    told = [json.loads(said) for said in await rounds.said_of(work, round_id, EntryKind.CORRECTION)]
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in told]


async def state(work: Work, round_id: str, kind: EntryKind, content: Mapping[str, Any]) -> Commitment:
    """Append a statement to the chain of a round, whose lock the caller holds."""
    entry = with_statement(await commitments(work, round_id), kind, dict(content), work.today)
    await rounds.add_commitments(work, round_id, [entry])
    return entry


async def state_opening(work: Work, round_id: str) -> None:
    """Begin the chain with all that the vote is about. The caller holds the round's lock. Raises LookupError."""
    row = await rounds.round_by_id(work, round_id)
    if row is None:
        raise LookupError(round_id)
    begun = beginning(row, await rounds.plans_of(work, round_id), work.today)
    await rounds.add_commitments(work, round_id, begun)
    await rounds.change_round(work, round_id, first_head=begun[0].link.hex())


def beginning(row: rounds.RoundRow, plans: Sequence[rounds.PlanRow], day: date) -> tuple[Commitment, ...]:
    """The opening, and the extensions that an older version gave without an entry in the chain."""
    told = json.loads(row.extensions or "[]")
    closes_at = told[0]["before"] if told else row.closes_at.isoformat()
    chain = [with_statement((), EntryKind.OPENING, _opening(row, plans, closes_at), day)]
    for one in told:
        chain.append(with_statement(chain, EntryKind.EXTENSION, one, day))
    return tuple(chain)


def _opening(row: rounds.RoundRow, plans: Sequence[rounds.PlanRow], closes_at: str) -> dict[str, Any]:
    return {
        "id": row.id, "title": json.loads(row.title), "areas": json.loads(row.areas),
        "languages": json.loads(row.languages), "amount_cents": row.amount_cents, "choose_min": row.choose_min,
        "choose_max": row.choose_max, "rule": row.rule, "tie_rule": TIE_RULE, "min_votes": MIN_VOTES,
        "tie_seed": row.tie_seed, "opens_at": row.opens_at.isoformat(), "closes_at": closes_at,
        "plans": [
            {
                "number": plan.number, "id": plan.id, "cost_cents": plan.cost_cents, "title": json.loads(plan.title),
                "story": json.loads(plan.story), "place": plan.place,
            }
            for plan in plans
        ],
    }  # fmt: skip
