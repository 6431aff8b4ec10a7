"""A bot's queue of updates: numbering, expiry, and what getUpdates gives."""

import asyncio
import json
import math
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from simulator.ledger import Ledger
from simulator.people import Json

MESSAGE_SECONDS = 86_400
PRESS_SECONDS = 150
QUIET_SECONDS = 7 * 86_400
LARGEST_ID = 2**31 - 1
OFF_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}

Queue = tuple[str, int]


@dataclass(slots=True)
class Update:
    """One update. `queue` is its webhook queue: ("chat", id), ("press", user id), ("membership", chat id).

    `body`: its JSON. `delay`: seconds of its last pause, which doubles. `wake_at`: when a webhook may get it again.
    """

    id: int
    kind: str
    body: bytes
    queue: Queue
    expires_at: float
    chat: int
    deliveries: int = 0
    accepted: bool = False
    fails: int = 0
    delay: int = 1
    wake_at: float = 0.0


class UpdateQueue:
    """Updates that were made and not yet accepted, oldest first."""

    def __init__(self, now: Callable[[], float], ledger: Ledger) -> None:
        self._now = now
        self._ledger = ledger
        self.pending: OrderedDict[int, Update] = OrderedDict()
        self._first_expiry = math.inf  # nothing expires before
        self.last_id = random.randrange(10**8, 9 * 10**8)
        self._last_made_at = now()
        self.allowed: frozenset[str] | None = None
        self.arrived = asyncio.Event()
        self.on_new: Callable[[Update], None] | None = None

    def allows(self, kind: str) -> bool:
        """Whether the bot asked for this kind of update; if it never said, for all but OFF_BY_DEFAULT."""
        return kind not in OFF_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: list[str] | None) -> None:
        """Take `allowed_updates` as the bot sent it: None keeps the former, an empty list means the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) if kinds else None

    def add(self, kind: str, payload: Json, queue: Queue, chat: int, seconds: float = MESSAGE_SECONDS) -> int | None:
        """Add an update; returns its id, None when the bot did not ask for its kind. seconds: until it expires."""
        if not self.allows(kind):
            return None
        now = self._now()
        quiet = not self.pending and now - self._last_made_at > QUIET_SECONDS
        self.last_id = random.randrange(10**8, 9 * 10**8) if quiet or self.last_id >= LARGEST_ID else self.last_id + 1
        self._last_made_at = now
        body = json.dumps({"update_id": self.last_id, kind: payload}, ensure_ascii=False).encode()
        update = Update(self.last_id, kind, body, queue, now + seconds, chat, wake_at=now)
        self.pending[update.id] = update
        self._first_expiry = min(self._first_expiry, update.expires_at)
        self._ledger.add("update_made", update_id=update.id, type=kind, chat=chat)
        self.arrived.set()
        if self.on_new is not None:
            self.on_new(update)
        return update.id

    def sent(self, update: Update) -> None:
        """Note that an update went out once more."""
        update.deliveries += 1
        self._ledger.add("update_sent", update_id=update.id, chat=update.chat, duplicates=update.deliveries - 1)

    def failed(self, update: Update, pause: int) -> None:
        """Note that the webhook did not take an update, which goes out again after `pause` seconds."""
        self._ledger.add("update_failed", update_id=update.id, chat=update.chat, pause=pause)

    def accept(self, update: Update) -> None:
        """The bot said that it has the update: it is pending no more."""
        if self.pending.pop(update.id, None) is None:
            return
        update.accepted = True
        self._ledger.add("update_accepted", update_id=update.id, chat=update.chat, duplicates=update.deliveries - 1)

    def expire(self, update: Update) -> None:
        """Drop an update without telling the bot."""
        if self.pending.pop(update.id, None) is not None:
            self._ledger.add("update_expired", update_id=update.id, chat=update.chat, duplicates=update.deliveries - 1)

    def drop_expired(self) -> None:
        """Drop the updates that are too old."""
        now = self._now()
        if now <= self._first_expiry:
            return
        for update in [update for update in self.pending.values() if update.expires_at < now]:
            self.expire(update)
        self._first_expiry = min((update.expires_at for update in self.pending.values()), default=math.inf)

    def clear(self, keep: int = 0) -> None:
        """Drop all updates but the last `keep`."""
        for update in list(self.pending.values())[: max(len(self.pending) - keep, 0)]:
            self.expire(update)

    def fetch(self, offset: int, limit: int) -> list[Update]:
        """What getUpdates answers: everything below `offset` is accepted; a negative one keeps only the last ones.

        An offset from the future confirms nothing (server: TQueue, "from_id is in the future").
        """
        self.drop_expired()
        if offset < 0:
            self.clear(keep=-offset)
        elif 0 < offset <= self.last_id + 1:
            while self.pending and (first := next(iter(self.pending.values()))).id < offset:
                self.accept(first)
        found = list(islice(self.pending.values(), limit))
        if not found:
            self.arrived.clear()
        return found


def getupdates_body(updates: list[Update]) -> bytes:
    """The answer's body, made of the bodies that the updates hold already."""
    return b'{"ok":true,"result":[' + b",".join(update.body for update in updates) + b"]}"


def kinds_of(value: Any) -> list[str] | None:
    """The `allowed_updates` of a request; None when it is no list."""
    return [str(kind) for kind in value] if isinstance(value, list) else None
