"""Updates that were fetched and are not all kept yet: each chat in order, several chats side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from bot.process.stopping import pause

AT_ONCE = 8
Keep = Callable[[dict[str, Any]], Awaitable[bool]]


class InHand:
    """The updates a poller works on.

    Of a chat one update is handled at a time, however many of its own wait, so that chats take turns. A fetched update
    stays unconfirmed until all before it are kept too, so the next getUpdates may bring some a second time.
    """

    def __init__(self, tasks: asyncio.TaskGroup, chat_of: Callable[[dict[str, Any]], int], keep: Keep) -> None:
        """keep: handles one update; False when it could not be kept and the rest of its chat must not be tried."""
        self._tasks, self._chat_of, self._keep = tasks, chat_of, keep
        self._queues: dict[int, deque[dict[str, Any]]] = {}
        self._known: set[int] = set()
        self._unkept: set[int] = set()
        self._progress = asyncio.Event()
        self._after: int | None = None

    @property
    def offset(self) -> int | None:
        """The offset for getUpdates, which confirms all updates before it; None while nothing was ever fetched."""
        return min(self._unkept) if self._unkept else self._after

    @property
    def at_work(self) -> bool:
        """Whether some chat still has something to do."""
        return bool(self._queues)

    @property
    def has_room(self) -> bool:
        """Whether another chat would be served at once."""
        return len(self._queues) < AT_ONCE

    def add(self, batch: Iterable[dict[str, Any]], asked: int | None) -> None:
        """Begin to handle the new updates of a batch. asked: the offset of its fetching, which confirmed all before."""
        self._known = {number for number in self._known if asked is None or number >= asked}
        for raw in batch:
            number = raw["update_id"]
            if number in self._known:
                continue
            self._known.add(number)
            self._unkept.add(number)
            chat = self._chat_of(raw)
            if chat not in self._queues:
                self._queues[chat] = deque()
                self._tasks.create_task(self._serve(chat))
            self._queues[chat].append(raw)
        if self._known:
            self._after = max(self._known) + 1

    async def progress(self, seconds: float) -> None:
        """Wait until one more update is kept or a chat is done, for at most `seconds`."""
        self._progress.clear()
        await pause(self._progress, seconds)

    async def _serve(self, chat: int) -> None:
        queue = self._queues[chat]
        try:
            while queue:
                if not await self._keep(queue[0]):
                    return
                self._unkept.discard(queue.popleft()["update_id"])
                self._progress.set()
        finally:
            del self._queues[chat]
            self._progress.set()
