"""The truth seen from outside the bot: what was made, sent, accepted and called, in order. Invariant checks read it."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

KEPT_ENTRIES = 500_000
KEPT_VIOLATIONS = 10_000


class Ledger:
    """Entries are numbered from 1; the oldest fall out when there are more than KEPT_ENTRIES."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT_ENTRIES)
        self.last = 0
        self.violations: deque[dict[str, Any]] = deque(maxlen=KEPT_VIOLATIONS)

    def add(self, kind: str, **facts: Any) -> None:
        """Add an entry; its `at` is the simulated time."""
        self.last += 1
        self._entries.append({"n": self.last, "at": self._now(), "kind": kind, **facts})

    def after(self, n: int, limit: int) -> list[dict[str, Any]]:
        """At most `limit` entries with a number above `n`."""
        oldest = self.last - len(self._entries)
        start = max(n - oldest, 0)
        return list(islice(self._entries, start, start + limit))

    def violated(self, method: str, complaint: str, params: dict[str, Any]) -> None:
        """Note a request that broke the published description."""
        self.violations.append({"at": self._now(), "method": method, "complaint": complaint, "params": params})
