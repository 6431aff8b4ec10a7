"""The counting rules: from an election to the funded plans and what happened to each plan, in exact arithmetic.

    most-votes-stop    most votes first, until a plan does not fit in what is left
    most-votes-skip    most votes first; a plan that does not fit is passed over
    equal-shares-add1  equal shares, raised by one euro at a time as long as the money reaches
    equal-shares       the same, then the money left by most votes (skip); where more voters have more of their own
                       choices funded by most votes (skip) alone, that result stands

Equal plans are ordered by the public draw of `domain.budget.elections`. A plan that nobody chose is never funded.
This file and `domain.budget.equal_shares` are loaded in a process of their own, never in the bot or the web.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from domain.budget.elections import Election
from domain.budget.equal_shares import Purchase, Shares

RULES = ("most-votes-stop", "most-votes-skip", "equal-shares-add1", "equal-shares")
_EURO = 100


@dataclass(frozen=True, slots=True)
class PlanTurn:
    """A plan at its turn by most votes. left_cents: the money that was left then · fits: it was funded."""

    plan: int
    left_cents: int
    fits: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """For each of two results, how many voters have more of their own choices funded by it than by the other."""

    by_most_votes: int
    by_equal_shares: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result. winners: places of plans, in the order of funding · raised_cents: by how much each share was raised."""

    rule: str
    winners: tuple[int, ...]
    spent_cents: int
    purchases: tuple[Purchase, ...] = ()
    turns: tuple[PlanTurn, ...] = ()
    raised_cents: int = 0
    comparison: Comparison | None = field(default=None)


def count(election: Election, rule: str) -> Outcome:
    """The result by one of RULES. Raises KeyError for another rule."""
    return {
        "most-votes-stop": lambda: _by_votes(election, rule, skip=False),
        "most-votes-skip": lambda: _by_votes(election, rule, skip=True),
        "equal-shares-add1": lambda: _raised(election),
        "equal-shares": lambda: _completed(election),
    }[rule]()


def satisfied(election: Election, winners: Iterable[int]) -> int:
    """The number of voters with at least one of their choices among the winners."""
    won = set(winners)
    return sum(times for choices, times in election.ballots.items() if won.intersection(choices))


def _by_votes(election: Election, rule: str, *, skip: bool) -> Outcome:
    turns = _turns(election, election.amount_cents, frozenset(), skip=skip)
    winners = tuple(turn.plan for turn in turns if turn.fits)
    return Outcome(rule, winners, _cost(election, winners), turns=turns)


def _turns(election: Election, left_cents: int, done: frozenset[int], *, skip: bool) -> tuple[PlanTurn, ...]:
    """The turns of the plans that have votes and are not in `done`: most votes first, equals by the draw."""
    votes = election.votes()
    waiting = [plan for plan, has in enumerate(votes) if has and plan not in done]
    turns: list[PlanTurn] = []
    for plan in sorted(waiting, key=lambda plan: (-votes[plan], election.drawn(plan))):
        fits = election.plans[plan].cost_cents <= left_cents
        turns.append(PlanTurn(plan, left_cents, fits))
        if fits:
            left_cents -= election.plans[plan].cost_cents
        elif not skip:
            break
    return tuple(turns)


def _raised(election: Election) -> Outcome:
    """Equal shares with Add1: the last result that the money can pay, or the first to which nothing can be added."""
    shares, raised = Shares(election), 0
    best: list[Purchase] = []
    while True:
        bought = shares.purchases(raised)
        winners = [purchase.plan for purchase in bought]
        left = election.amount_cents - _cost(election, winners)
        if left < 0:
            raised -= _EURO
            break
        best = bought
        if not any(_fits(election, plan, left) for plan in _supported(election) - set(winners)):
            break
        raised += _EURO * _euros_until_more(election, bought, raised)
    winners = [purchase.plan for purchase in best]
    return Outcome("equal-shares-add1", tuple(winners), _cost(election, winners), tuple(best), raised_cents=raised)


def _euros_until_more(election: Election, bought: list[Purchase], raised: int) -> int:
    """How many euros each share must rise before anything but `bought` can be bought; 1 where that is not certain.

    It is certain where no supporter spent all they had, so that every price stays cost / votes, and where each plan
    not bought has fewer votes than every bought one, so that it can't be bought before those: it only needs
    supporters with enough left at the end. Without this, an expensive plan of a single voter would take one count
    for every euro that it costs.
    """
    votes, won = election.votes(), {purchase.plan for purchase in bought}
    waiting = _supported(election) - won
    if any(purchase.emptied for purchase in bought) or (
        won and max(votes[plan] for plan in waiting) >= min(votes[plan] for plan in won)
    ):
        return 1
    share = Fraction(election.amount_cents, election.voters) + raised
    short = {plan: election.plans[plan].cost_cents - votes[plan] * share for plan in waiting}
    for choices, times in election.ballots.items():
        for plan in waiting.intersection(choices):
            short[plan] += sum(
                Fraction(times * election.plans[one].cost_cents, votes[one]) for one in won & set(choices)
            )
    return min(max(1, ceil(short[plan] / (votes[plan] * _EURO))) for plan in waiting)


def _completed(election: Election) -> Outcome:
    """Add1, then most votes with what is left, then the comparison with most votes alone."""
    shared = _raised(election)
    turns = _turns(election, election.amount_cents - shared.spent_cents, frozenset(shared.winners), skip=True)
    winners = (*shared.winners, *(turn.plan for turn in turns if turn.fits))
    voted = _by_votes(election, "equal-shares", skip=True)
    comparison = _compared(election, set(voted.winners), set(winners))
    if comparison.by_most_votes > comparison.by_equal_shares:
        return Outcome("equal-shares", voted.winners, voted.spent_cents, turns=voted.turns, comparison=comparison)
    spent = _cost(election, winners)
    return Outcome("equal-shares", winners, spent, shared.purchases, turns, shared.raised_cents, comparison)


def _compared(election: Election, voted: set[int], shared: set[int]) -> Comparison:
    more = fewer = 0
    for choices, times in election.ballots.items():
        difference = len(voted.intersection(choices)) - len(shared.intersection(choices))
        more += times * (difference > 0)
        fewer += times * (difference < 0)
    return Comparison(more, fewer)


def _supported(election: Election) -> set[int]:
    return {plan for plan, votes in enumerate(election.votes()) if votes}


def _fits(election: Election, plan: int, left_cents: int) -> bool:
    return election.plans[plan].cost_cents <= left_cents


def _cost(election: Election, plans: Iterable[int]) -> int:
    return sum(election.plans[plan].cost_cents for plan in plans)
