"""Deliveries that are doubled and out of order on purpose, repeatable by a seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.errors import Misused

T = TypeVar("T")


@dataclass(slots=True)
class Chaos:
    """Each update goes out `fewest` to `most` times, each copy up to `shuffle` places later than it should."""

    fewest: int
    most: int
    shuffle: int
    random: random.Random

    def copies(self) -> int:
        """How often the next update goes out."""
        return self.random.randint(self.fewest, self.most)

    def place(self, place: int) -> float:
        """Where a copy of the update at `place` stands in the order of delivery."""
        return place + self.random.uniform(0, self.shuffle)

    def batch(self, updates: Sequence[T]) -> list[T]:
        """One getUpdates answer: doubled and shuffled within itself."""
        placed = [(self.place(i), update) for i, update in enumerate(updates) for _ in range(self.copies())]
        return [update for _, update in sorted(placed, key=lambda pair: pair[0])]


def chaos_from(wish: dict[str, Any]) -> Chaos | None:
    """The Chaos of the control API's {duplicates: [min, max], shuffle, seed}; None for one delivery in order.

    Raises Misused.
    """
    try:
        fewest, most = wish.get("duplicates", [1, 1])
        shuffle = int(wish.get("shuffle", 0))
    except (TypeError, ValueError):
        raise Misused("duplicates is [min, max], shuffle a number") from None
    if not 1 <= fewest <= most <= 100 or shuffle < 0:
        raise Misused("1 <= min <= max <= 100 and shuffle >= 0")
    return None if most == 1 and shuffle == 0 else Chaos(fewest, most, shuffle, random.Random(wish.get("seed")))
