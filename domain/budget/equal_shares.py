"""The Method of Equal Shares with cost utilities, exact: floats where they are certain, whole numbers where not.

Each voter holds an equal share of the money. A plan's supporters can pay for it together when all that they have left
covers its cost; its price is what each of them then pays, and a supporter who has less pays all they have. Again and
again the plan with the least price per euro of plan is bought (Peters, Pierczynski and Skowron, 2021).

The unit of money in here is one cent divided by the number of voters, so that shares are whole numbers. What each
plan was bought for is kept as whole numbers over one common denominator. Floats only decide between values that differ
by more than their greatest possible error; values that lie closer are worked out from those whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from domain.budget.elections import Election

Places = NDArray[np.intp]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One plan bought. price_cents: what each supporter paid, rounded down · emptied: those who paid all they had.

    equals: the plans (with this one) that were equally good at that moment, so that the draw chose.
    """

    plan: int
    price_cents: int
    emptied: int
    equals: tuple[int, ...]


class Shares:
    """One election laid out in arrays, to be counted again and again with different shares."""

    def __init__(self, election: Election) -> None:
        """Blank ballots hold no share."""
        ballots = {choices: times for choices, times in election.ballots.items() if choices}
        self.election = election
        self.voters = sum(ballots.values())
        # The greatest error of a sum over all ballots, after each purchase: twice n × 2⁻⁵³ of the money in them.
        self.doubt = 2.0**-52 * (len(ballots) + len(election.plans) + 10)
        self.votes = election.votes()
        self.costs = [plan.cost_cents * self.voters for plan in election.plans]
        self.lots = [election.drawn(place) for place in range(len(election.plans))]
        self.weights = np.array(list(ballots.values()), dtype=np.float64)
        # Each ballot's plans, filled up with the place after the last plan, which no plan has.
        width, none = max(map(len, ballots), default=0), len(election.plans)
        self.choices = np.full((len(ballots), width), none, dtype=np.int16)
        for row, choices in enumerate(ballots):
            self.choices[row, : len(choices)] = choices
        self.supporters: list[Places] = [np.flatnonzero((self.choices == plan).any(axis=1)) for plan in range(none)]
        self.weights_of = [self.weights[who] for who in self.supporters]

    def purchases(self, raised_cents: int = 0) -> list[Purchase]:
        """The purchases, in order, when each share is raised by `raised_cents`."""
        return list(_Run(self, self.election.amount_cents + raised_cents * self.voters).bought())


class _Run:
    """One count with a given share. Keeps what each ballot has left, both as a float and exactly."""

    def __init__(self, shares: Shares, share: int) -> None:
        self._of = shares
        self._share = share
        self._left: Numbers = np.full(len(shares.weights), float(share))
        self._empty = np.zeros(len(shares.weights), dtype=np.bool_)
        # The exact prices: plan -> its price as a whole number over the common denominator `_over`.
        self._prices: dict[int, int] = {}
        self._over = 1

    def bought(self) -> Iterator[Purchase]:
        """Buy until no plan's supporters can pay for it together."""
        # A price per euro only grows while money is spent: once worked out, it is a lower bound from then on.
        floors = {plan: 0.0 for plan, votes in enumerate(self._of.votes) if votes}
        while floors:
            exact = {plan: self._price(plan, *about) for plan, about in self._least(floors).items()}
            if not exact:
                return
            cheapest = min(price.each / self._of.costs[plan] for plan, price in exact.items())
            equals = [plan for plan, price in exact.items() if price.each / self._of.costs[plan] == cheapest]
            plan = min(equals, key=self._of.lots.__getitem__)
            emptied = self._pay(plan, exact[plan])
            del floors[plan]
            cents = int(exact[plan].each / self._of.voters)
            yield Purchase(plan, cents, emptied, tuple(sorted(equals)) if len(equals) > 1 else ())

    def _least(self, floors: dict[int, float]) -> dict[int, tuple[float, float]]:
        """The plans that may have the least price per euro, each with its (price, doubt) from `_about`.

        Takes the plans that can't be paid for out of `floors`.
        """
        found: dict[int, tuple[float, float]] = {}
        ceiling = np.inf
        for plan in sorted(floors, key=floors.__getitem__):
            if floors[plan] > ceiling:
                break
            about = self._about(plan)
            if about is None:
                del floors[plan]
                continue
            found[plan] = price, doubt = about
            floors[plan] = (price - doubt) / self._of.costs[plan]
            ceiling = min(ceiling, (price + doubt) / self._of.costs[plan])
        return {plan: about for plan, about in found.items() if floors[plan] <= ceiling}

    def _about(self, plan: int) -> tuple[float, float] | None:
        """A plan's price and the greatest error of it; None where its supporters can't pay for it together."""
        who, cost = self._of.supporters[plan], float(self._of.costs[plan])
        have, weights = self._left[who], self._of.weights_of[plan]
        money = have * weights
        doubt = self._of.doubt * (cost + self._of.votes[plan] * self._share)
        rest = float(money.sum()) - cost
        if rest < -doubt or (rest < doubt and self._exactly(who) < self._of.costs[plan] * self._over):
            return None
        price, count = cost / self._of.votes[plan], float(self._of.votes[plan])
        while True:
            poor = (have < price).astype(np.float64)
            able = float(self._of.votes[plan] - weights @ poor)
            if able == 0:  # all pay all they have: the richest decide, and rounding took them for poor
                return float(have.max()), doubt
            if able >= count:
                return price, doubt / able
            price, count = (cost - float(money @ poor)) / able, able

    def _price(self, plan: int, about: float, doubt: float) -> _Price:
        """A plan's exact price. Only voters whose money lies within `doubt` of `about` need an exact comparison."""
        who = self._of.supporters[plan]
        have = self._left[who]
        poor = have < about - doubt
        rest = self._of.costs[plan] * self._over - self._exactly(who[poor])
        able = self._of.votes[plan] - self._count(who[poor])
        near = self._by_wealth(np.flatnonzero(np.abs(have - about) <= doubt), who)
        for wealth in sorted(near):
            if wealth * able > rest:
                break
            poor[near[wealth]] = True
            if wealth * able < rest:  # whoever has exactly the price makes no difference
                times = self._count(who[near[wealth]])
                rest, able = rest - wealth * times, able - times
        return _Price(Fraction(rest, able * self._over), rest, able, who[poor], who[~poor])

    def _by_wealth(self, places: Places, who: Places) -> dict[int, list[int]]:
        """What one voter has left, times the common denominator -> the places in `who` of the ballots with that."""
        found: dict[int, list[int]] = {}
        for place in places.tolist():
            bought = self._prices.keys() & set(self._of.choices[who[place]].tolist())
            wealth = self._share * self._over - sum(self._prices[plan] for plan in bought)
            found.setdefault(0 if self._empty[who[place]] else wealth, []).append(place)
        return found

    def _pay(self, plan: int, price: _Price) -> int:
        """Take the price from the supporters. Returns how many of them it leaves with nothing."""
        emptied = self._count(price.empties[~self._empty[price.empties]])
        self._left[price.empties] = 0.0
        self._empty[price.empties] = True
        self._left[price.rest] -= float(price.each)
        self._over *= price.able
        for bought in self._prices:
            self._prices[bought] *= price.able
        self._prices[plan] = price.total
        return emptied

    def _exactly(self, who: Places) -> int:
        """What these ballots have left together, exact, times the common denominator."""
        who = who[~self._empty[who]]
        width = self._of.choices.shape[1]
        paid = np.bincount(self._of.choices[who].ravel(), np.repeat(self._of.weights[who], width), len(self._of.votes))
        total = self._count(who) * self._share * self._over
        return total - sum(round(float(paid[plan])) * price for plan, price in self._prices.items())

    def _count(self, who: Places) -> int:
        """How many voters made these ballots."""
        return round(float(self._of.weights[who].sum()))


@dataclass(frozen=True, slots=True)
class _Price:
    """An exact price: each = total / (able × the common denominator). empties: ballots that pay all they have."""

    each: Fraction
    total: int
    able: int
    empties: Places
    rest: Places
