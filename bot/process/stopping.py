"""For parts that run until they are stopped: rounds with a least length, and waits that a stop ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Self


async def pause(until: asyncio.Event, seconds: float) -> None:
    """Wait `seconds`, or until the event is set, such as the one that says that we are to stop."""
    with suppress(TimeoutError):  # not wait_for(): an event set just then would hide a cancellation
        async with asyncio.timeout(seconds):
            await until.wait()


async def done_first(act: asyncio.Future[Any], stopping: asyncio.Event) -> bool:
    """Wait until `act` is done or we are to stop. Returns whether it is done."""
    told = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({act, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    return act.done()


class Rounds:
    """The rounds of a loop until it is stopped: `async for each in Rounds(...)`.

    floor: the least seconds from the beginning of this round to that of the next. Each round begins with the usual
    floor; a round that made progress may set less, one that failed more.
    """

    def __init__(self, stopping: asyncio.Event, floor: float) -> None:
        """stopping: no round begins when it is set, and no pause outlasts it · floor: the usual one."""
        self._stopping, self._usual, self.floor = stopping, floor, floor
        self._began: float | None = None

    def __aiter__(self) -> Self:
        """Begin before the first round."""
        return self

    async def __anext__(self) -> Self:
        """Wait out the floor of the round that ends, and begin the next."""
        loop = asyncio.get_running_loop()
        if self._began is not None and (rest := self._began + self.floor - loop.time()) > 0:
            await pause(self._stopping, rest)
        if self._stopping.is_set():
            raise StopAsyncIteration
        self._began, self.floor = loop.time(), self._usual
        return self
