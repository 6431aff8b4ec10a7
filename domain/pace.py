"""How fast is spoken: to one chat five messages at once, then one a second; to the many 25 a second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CHAT_BURST = 5
CHAT_GAP = timedelta(seconds=1)
# Of the many 25 a second go at most, two at once at most. Answers never wait for that, but they use it up too: so
# that Telegram, which bears about 30 a second, is never asked for more by the many.
EVEN_GAP = timedelta(seconds=1) / 25
EVEN_BURST = 2
_LONGEST_DEBT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """A chat's own pace, and that of the many. Tests and benchmarks raise it with the local Telegram's thresholds."""

    burst: int = CHAT_BURST
    gap: timedelta = CHAT_GAP
    even_gap: timedelta = EVEN_GAP

    def room(self, used: datetime | None, now: datetime, most: int) -> int:
        """How many of the many may go now, `most` at most, when all that is said is used up until `used`."""
        if not self.even_gap:
            return most
        ahead = self.debt(used, now) - now
        return max(0, min(most, (self.even_gap * (EVEN_BURST - 1) - ahead) // self.even_gap + 1))

    def debt(self, used: datetime | None, now: datetime, more: int = 0) -> datetime:
        """Until when all is used up, after `more` messages. More than a second ahead counts for nothing more."""
        start = min(max(used or now, now), now + _LONGEST_DEBT)
        return min(start + self.even_gap * more, now + _LONGEST_DEBT)


def usable_until(used: datetime | None, now: datetime, burst: int, gap: timedelta) -> tuple[datetime, datetime]:
    """A chat's allowance by the generic cell rate: (when the next may go, how far it is then used up).

    `burst` messages may go at once, then one every `gap`. More than that can't be used up: the clock was put back.
    """
    start = used if used is not None and now < used <= now + gap * burst else now
    return max(now, start - gap * (burst - 1)), start + gap
