"""Lets passwords be checked one after another: a check costs processor time and memory; nobody may take all of it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_MOST_OF_ONE = 4
_MOST_STRANGERS = 64


class Busy(Exception):
    """Too many wait already: this one may not join the queue."""


class Turns:
    """A queue with a lane for each network and for each known browser; the lanes are served in turn.

    Known browsers go first: a stranger can't forge one. 64 strangers wait at most, and four in any one lane.
    """

    def __init__(self) -> None:
        """Nobody waits."""
        self._taken = False
        self._known: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._strangers: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, lane: str, *, known: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, and keep it until the block ends. lane: a network or known browser. Raises Busy."""
        if self._taken:
            await self._wait(lane, self._known if known else self._strangers)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, lane: str, lanes: OrderedDict[str, deque[asyncio.Future[None]]]) -> None:
        strangers = sum(map(len, self._strangers.values()))
        if len(lanes.get(lane, ())) >= _MOST_OF_ONE or (lanes is self._strangers and strangers >= _MOST_STRANGERS):
            raise Busy
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lanes.setdefault(lane, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # we had just been given the turn
                self._pass_on()
            elif mine in (waiting := lanes.get(lane, deque())):
                waiting.remove(mine)
                if not waiting:
                    del lanes[lane]
            raise

    def _pass_on(self) -> None:
        self._taken = False
        for lanes in (self._known, self._strangers):
            while lanes:
                lane, waiting = lanes.popitem(last=False)
                following = waiting.popleft()
                if waiting:
                    lanes[lane] = waiting  # behind all others
                if not following.done():
                    self._taken = True
                    following.set_result(None)
                    return
