"""Telegram's pace: how many messages pass before a 429. Real time, so that a moved clock changes nothing."""

import math
import time
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import Any

UNLIMITED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many messages may go. Source: Telegram's bot FAQ; the burst is a guess, exact limits are not published."""

    overall_per_second: int = 30
    chat_per_second: float = 1
    chat_burst: int = 5
    group_per_minute: int = 20

    def changed(self, wish: dict[str, Any]) -> "Thresholds":
        """These with other numbers; `{"raised": true}` takes all limits away, false brings the usual ones back.

        Raises TypeError for an unknown name.
        """
        wish = dict(wish)
        raised = wish.pop("raised", None)
        start = self
        if raised is not None:
            start = Thresholds(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED) if raised else Thresholds()
        return replace(start, **wish)

    @property
    def raised(self) -> bool:
        """Whether there are no limits."""
        return self.overall_per_second >= UNLIMITED

    def as_json(self) -> dict[str, Any]:
        """The thresholds as the control API shows them."""
        return {**asdict(self), "raised": self.raised}


@dataclass(slots=True)
class _ChatPace:
    tokens: float
    at: float
    halted_until: float = 0.0
    minute: deque[float] = field(default_factory=deque)


class Pace:
    """One bot's pace: a sliding second overall, a token bucket for each chat, a sliding minute for each group.

    After a 429 the halt lasts for exactly its retry_after: a message sent earlier is refused again.
    """

    def __init__(self) -> None:
        self._second: deque[float] = deque()
        self._halted_until = 0.0
        self._chats: dict[int, _ChatPace] = {}

    def retry_after(self, chat_id: int, is_group: bool, limits: Thresholds) -> int:
        """Count one more message to this chat and return 0 when it may go; else return the whole seconds to wait."""
        if limits.raised:
            return 0
        now = time.monotonic()
        chat = self._chats.setdefault(chat_id, _ChatPace(limits.chat_burst, now))
        chat.tokens = min(chat.tokens + (now - chat.at) * limits.chat_per_second, limits.chat_burst)
        chat.at = now
        _forget(self._second, now - 1)
        _forget(chat.minute, now - 60)
        halted = max(self._halted_until, chat.halted_until)
        if halted > now:
            return math.ceil(halted - now)
        if len(self._second) >= limits.overall_per_second:
            wait = max(math.ceil(self._second[0] + 1 - now), 1)
            self._halted_until = now + wait
            return wait
        wait = self._chat_wait(chat, is_group, limits, now)
        if wait:
            chat.halted_until = now + wait
            return wait
        chat.tokens -= 1
        self._second.append(now)
        chat.minute.append(now)
        return 0

    @staticmethod
    def _chat_wait(chat: _ChatPace, is_group: bool, limits: Thresholds, now: float) -> int:
        if is_group and len(chat.minute) >= limits.group_per_minute:
            return max(math.ceil(chat.minute[0] + 60 - now), 1)
        if chat.tokens < 1:
            return max(math.ceil((1 - chat.tokens) / limits.chat_per_second), 1)
        return 0


def _forget(moments: deque[float], before: float) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
