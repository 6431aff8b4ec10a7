"""Why each plan was funded or not, as plain values for people and programs; see `explained`."""

from __future__ import annotations

from typing import Any

from domain.budget.counting import Outcome
from domain.budget.elections import Election

# One plan's explanation; see `explained`.
Explanation = dict[str, Any]


def explained(election: Election, outcome: Outcome) -> dict[str, Explanation]:
    """Plan id -> its explanation, most votes first.

    votes · cost_cents · funded · reason:
        most-votes    it had the most votes of what was left, and it fitted (left_cents: the money there was then)
        own-shares    its supporters paid for it together: at most price_cents each; `emptied` of them had no more
        does-not-fit  it was its turn, and it cost more than left_cents
        stopped       an earlier plan did not fit, and counting stopped there
        not-together  its supporters could not pay for it together (`equal-shares-add1` alone)
        no-votes      nobody chose it
    drawn: ids of the plans that were equally good, so that the public draw decided; only where it did.
    """
    votes = election.votes()
    turns = {turn.plan: turn for turn in outcome.turns}
    bought = {purchase.plan: purchase for purchase in outcome.purchases}
    draws = _draws(outcome, votes)
    found: dict[str, Explanation] = {}
    for place in sorted(range(len(votes)), key=lambda place: (-votes[place], election.drawn(place))):
        plan = election.plans[place]
        one: Explanation = {"votes": votes[place], "cost_cents": plan.cost_cents, "funded": place in outcome.winners}
        if (purchase := bought.get(place)) is not None:
            one |= {"reason": "own-shares", "price_cents": purchase.price_cents, "emptied": purchase.emptied}
        elif (turn := turns.get(place)) is not None:
            one |= {"reason": "most-votes" if turn.fits else "does-not-fit", "left_cents": turn.left_cents}
        elif votes[place]:
            one["reason"] = "stopped" if outcome.turns else "not-together"
        else:
            one["reason"] = "no-votes"
        if place in draws:
            one["drawn"] = sorted(election.plans[other].id for other in draws[place])
        found[plan.id] = one
    return found


def _draws(outcome: Outcome, votes: list[int]) -> dict[int, set[int]]:
    """Plan -> the other plans of its draw, where the draw made a difference."""
    found: dict[int, set[int]] = {}
    done = {purchase.plan for purchase in outcome.purchases}
    groups = [set(purchase.equals) for purchase in outcome.purchases]
    for turn in outcome.turns:
        equals = {place for place, has in enumerate(votes) if has == votes[turn.plan]} - done
        # Where all equal plans won, or none did, the draw decided nothing.
        if len({place in outcome.winners for place in equals}) == 2:
            groups.append(equals)
    for equals in groups:
        for place in equals:
            found.setdefault(place, set()).update(equals - {place})
    return found
