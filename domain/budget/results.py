"""The published result of a vote, as residents see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What became of a plan. reason: see domain/budget/explaining.py · drawn: titles of plans it was drawn against."""

    number: int
    title: Mapping[str, str]
    votes: int
    cost_cents: int
    funded: bool
    reason: str
    drawn: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class ElectionResult:
    """A published result. plans: most votes first · satisfied: voters with at least one funded choice.

    satisfied is None where there were so few ballots (under 10) that only totals are published.
    """

    round_id: str
    title: Mapping[str, str]
    amount_cents: int
    spent_cents: int
    ballots: int
    satisfied: int | None
    plans: tuple[PlanResult, ...]

    @property
    def funded(self) -> tuple[PlanResult, ...]:
        """The plans that get money, most votes first."""
        return tuple(plan for plan in self.plans if plan.funded)
