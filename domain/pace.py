"""How fast messages go: to one chat five at once, then one a second; bulk messages ("the many") 25 a second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CHAT_BURST = 5
CHAT_GAP = timedelta(seconds=1)
# Bulk messages share a rate budget: 25 a second and two at once at most. Answers never wait for it, but they use it up
# too, so that bulk messages never ask more of Telegram than the about 30 a second that it bears.
EVEN_GAP = timedelta(seconds=1) / 25
EVEN_BURST = 2
_LONGEST_DEBT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one chat (burst, gap) and of bulk messages (even_gap; zero: no limit).

    Tests and benchmarks raise it together with the local Telegram's thresholds.
    """

    burst: int = CHAT_BURST
    gap: timedelta = CHAT_GAP
    even_gap: timedelta = EVEN_GAP

    def room(self, used: datetime | None, now: datetime, most: int) -> int:
        """How many bulk messages may go now, `most` at most. used: until when the rate budget is spent."""
        if not self.even_gap:
            return most
        ahead = self.debt(used, now) - now
        return max(0, min(most, (self.even_gap * (EVEN_BURST - 1) - ahead) // self.even_gap + 1))

    def debt(self, used: datetime | None, now: datetime, more: int = 0) -> datetime:
        """Until when the rate budget is spent after `more` messages; at most one second after `now`."""
        start = min(max(used or now, now), now + _LONGEST_DEBT)
        return min(start + self.even_gap * more, now + _LONGEST_DEBT)


def usable_until(used: datetime | None, now: datetime, burst: int, gap: timedelta) -> tuple[datetime, datetime]:
    """A chat's allowance by the generic cell rate algorithm: (when the next message may go, `used` after it went).

    `burst` messages may go at once, then one every `gap`. used: until when the allowance is spent; further ahead than
    `burst` gaps it is not believed, for then the clock was put back.
    """
    start = used if used is not None and now < used <= now + gap * burst else now
    return max(now, start - gap * (burst - 1)), start + gap
