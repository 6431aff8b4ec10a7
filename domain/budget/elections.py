"""An election as plain values: an amount of money, plans that cost some of it, and ballots that approve plans."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Places of plans in `Election.plans`, ascending, none twice.
Choices = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ElectionPlan:
    """A plan that may be funded. id: what ballots call it, unique in its election · cost_cents: over 0."""

    id: str
    cost_cents: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Election:
    """What is counted. ballots: choices -> how many voters made exactly these; a blank ballot is `()`.

    seed: the input of the draw between equal plans (`drawn`); published before voting closes.
    """

    amount_cents: int
    plans: tuple[ElectionPlan, ...]
    ballots: Mapping[Choices, int]
    seed: str = ""
    _votes: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def voters(self) -> int:
        """How many ballots chose at least one plan."""
        return sum(times for choices, times in self.ballots.items() if choices)

    def votes(self) -> list[int]:
        """The number of voters who chose each plan, in the order of `plans`. Counted once: a rule asks it often."""
        if not self._votes:
            self._votes.extend([0] * len(self.plans))
            for choices, times in self.ballots.items():
                for place in choices:
                    self._votes[place] += times
        return self._votes

    def drawn(self, place: int) -> str:
        """The lot of a plan, 64 hexadecimal digits: of equal plans the one with the lowest lot comes first.

        SHA-256 of the seed, a colon and the plan's id: whoever knows the seed can draw the same lots.
        """
        return hashlib.sha256(f"{self.seed}:{self.plans[place].id}".encode()).hexdigest()


def together(plans: Iterable[ElectionPlan], ballots: Iterable[Iterable[str]]) -> dict[Choices, int]:
    """Ballots of plan ids, equal ones counted together: choices -> how many there are.

    Raises KeyError for an id that no plan has, ValueError for a ballot that names a plan twice.
    """
    places = {plan.id: place for place, plan in enumerate(plans)}
    found: Counter[Choices] = Counter()
    for ballot in ballots:
        choices = tuple(sorted(places[plan] for plan in ballot))
        if len(set(choices)) != len(choices):
            raise ValueError("a ballot names a plan twice")
        found[choices] += 1
    return dict(found)
