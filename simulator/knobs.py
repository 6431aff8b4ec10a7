"""The knobs that tests turn: faults, latency, disorder, thresholds, deliberate breakages."""

from dataclasses import dataclass, field
from typing import Any

from simulator.chaos import Chaos
from simulator.clock import Clock
from simulator.errors import Misused
from simulator.faults import Fault
from simulator.pace import Thresholds

BREAKAGES = frozenset(
    (
        "no_bot_command_entity",
        "no_secret_header",
        "no_redelivery",
        "code_points_for_utf16",
        "characters_for_bytes",
        "no_rate_limit",
    )
)


@dataclass(slots=True)
class Knobs:
    """How all knobs stand now. `latency` is in seconds, before every Bot API request."""

    clock: Clock
    thresholds: Thresholds
    faults: list[Fault] = field(default_factory=list)
    latency: float = 0.0
    chaos: Chaos | None = None
    breakages: frozenset[str] = frozenset()

    def fault(self, method: str, when: str, chat: int | None) -> Fault | None:
        """The first fault that strikes this request at this moment; the strike is counted."""
        return next((fault for fault in self.faults if fault.matches(method, when, chat)), None)

    def turn_thresholds(self, wish: dict[str, Any]) -> None:
        """Change some thresholds. Raises Misused for an unknown one."""
        try:
            self.thresholds = self.thresholds.changed(wish)
        except TypeError as error:
            raise Misused(str(error)) from None

    def break_on_purpose(self, name: str | None) -> None:
        """Add a breakage; None mends all. Raises Misused for an unknown name."""
        if name is not None and name not in BREAKAGES:
            raise Misused(f"a breakage is one of {sorted(BREAKAGES)}")
        self.breakages = self.breakages | {name} if name else frozenset()
