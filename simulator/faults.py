"""Faults on order: an answer that is lost, late, wrong or a 429, before or after the effect."""

import random
from dataclasses import dataclass
from typing import Any

from simulator.errors import Misused

KINDS = ("drop", "status", "delay", "429", "garbage")
FIELDS = {"method", "when", "kind", "status", "seconds", "retry_after", "times", "probability", "chat"}


@dataclass(slots=True)
class Fault:
    """A fault that strikes requests to `method` ("*": all), in one chat or (None) in all.

    `kind`: one of KINDS. `when`: "before" the effect, or "after" it: then only the answer goes wrong. `times`: how
    often it strikes, None = for ever. `seconds`: of a delay, `retry_after`: of a 429, `status`: of a status fault.
    """

    method: str
    when: str
    kind: str
    status: int = 500
    seconds: float = 1.0
    retry_after: int = 1
    times: int | None = None
    probability: float = 1.0
    chat: int | None = None

    def matches(self, method: str, when: str, chat: int | None) -> bool:
        """Whether it strikes this request now; a strike is counted."""
        if self.when != when or self.method not in ("*", method) or self.chat not in (None, chat) or self.times == 0:
            return False
        if self.probability < 1 and random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


def fault_from(wish: dict[str, Any]) -> Fault:
    """A fault as the control API describes it. Raises Misused."""
    if unknown := set(wish) - FIELDS:
        raise Misused(f"unknown in a fault: {sorted(unknown)}")
    fault = Fault(**{"method": "*", "when": "before", "kind": "drop", **wish})
    if fault.kind not in KINDS or fault.when not in ("before", "after"):
        raise Misused(f"kind is one of {KINDS}, when is before or after")
    return fault
