"""Looks for closed votes that are not published, and starts the counting job for them, a process of its own."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from bot.process.loops import LOOPS, WITHIN
from bot.process.stopping import Rounds, done_first, pause
from domain.budget.rounds import RoundState
from services.budget.rounds import past_rounds
from services.work import Begin, DatabaseAway, Work

_LOOK_EVERY = 5.0
_AFTER_A_FAILURE = 60.0
log = logging.getLogger("buurtstem.counting")


class CountingStarter:
    """Starts `python -m bot.commands.counting_job` whenever there is something to count, until it is stopped."""

    def __init__(self, begin: Begin, folder: Path) -> None:
        """begin: opens a unit of work for reading · folder: where results are published, a folder a round."""
        self._begin = begin
        self._folder = folder
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End a count that is under way, and stop: the next start begins it again."""
        self._stopping.set()

    async def run(self) -> None:
        """Look and start until stopped."""
        again = True  # what was halted is tried once more whenever the program starts
        async for _ in Rounds(self._stopping, _LOOK_EVERY):
            LOOPS.turned("counting", _AFTER_A_FAILURE + WITHIN)
            waiting, again = await self._something_to_count(again=again), False
            if waiting and not await self._count():
                await pause(self._stopping, _AFTER_A_FAILURE)
        LOOPS.ended("counting")

    async def _something_to_count(self, *, again: bool) -> bool:
        try:
            async with self._begin() as work:
                return bool(await to_publish(work, self._folder, again=again))
        except DatabaseAway:
            return False

    async def _count(self) -> bool:
        """Run the job once. Returns whether it did what it had to do."""
        try:
            child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot.commands.counting_job")
        except OSError as error:  # no memory for it now
            log.error("the counting job can't be started: %s", error.strerror)
            return False
        LOOPS.ended("counting")  # a count takes as long as it takes
        ended = asyncio.ensure_future(child.wait())
        if not await done_first(ended, self._stopping):
            child.terminate()
        if status := await ended:
            log.error("the counting job ended with status %s", status)
        return status == 0


async def to_publish(work: Work, folder: Path, *, again: bool = False) -> list[str]:
    """The ids of the closed rounds that are not published, or whose folder is gone: a restored backup has none.

    again: also those that were halted.
    """
    waiting = [one for one in await past_rounds(work) if again or one.halted is None]
    return [one.id for one in waiting if one.state == RoundState.COUNTING or not (folder / one.id).is_dir()]
