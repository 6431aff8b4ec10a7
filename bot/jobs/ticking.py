"""The clock: APScheduler only ticks; what is due is in the database and is looked up anew at each tick."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.process.loops import LOOPS
from bot.process.stopping import Rounds
from handlers.clock.moments import ClockMoment
from handlers.subjects import MOMENTS
from services.budget.closing import NO_OUTAGE
from services.work import Begin, DatabaseAway

_STANDS_STILL = 120.0  # seconds without any tick; the most frequent moment ticks every second
_LOOK_EVERY = 5.0
log = logging.getLogger("buurtstem.clock")
_LONGEST = 7200.0  # seconds: a moment may rewrite whole tables, see UnitOfWork.toil


class StoodStill(Exception):
    """The scheduler has not ticked for long."""


class Ticker:
    """Ticks until it is stopped. Run again after it raised, it makes a new scheduler."""

    def __init__(self, begin: Begin) -> None:
        """begin: opens a unit of work."""
        self._begin = begin
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Stop ticking; a clock moment that is running is broken off."""
        self._stopping.set()

    async def run(self) -> None:
        """Tick until stopped. Raises StoodStill."""
        loop = asyncio.get_running_loop()
        ticked = loop.time()

        def note() -> None:
            nonlocal ticked
            ticked = loop.time()

        scheduler = make_ticker(self._begin, note)
        scheduler.start()
        try:
            async for _ in Rounds(self._stopping, _LOOK_EVERY):
                LOOPS.turned("clock")
                if loop.time() - ticked > _STANDS_STILL:
                    raise StoodStill
        finally:
            scheduler.shutdown(wait=False)
        LOOPS.ended("clock")


def make_ticker(begin: Begin, note: Callable[[], None] = lambda: None) -> AsyncIOScheduler:
    """A scheduler with one job per clock moment. Not started yet. note: called at every tick.

    Two schedulers at once do no harm: each moment looks for what is due and does it in one unit of work.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns about every skipped tick
    scheduler = AsyncIOScheduler(timezone="UTC")
    for moment in MOMENTS:
        scheduler.add_job(
            _once(begin, moment, note),
            "interval",
            seconds=moment.seconds,
            id=moment.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    return scheduler


def _once(begin: Begin, moment: ClockMoment, note: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    looked: datetime | None = None
    name = f"clock moment {moment.name}"

    async def tick() -> None:
        nonlocal looked
        note()
        LOOPS.turned(name, _LONGEST)
        try:
            async with begin() as work:
                if moment.after_outage is not None and (looked is None or work.now - looked > NO_OUTAGE):
                    await moment.after_outage(work)
                await moment.act(work)
            looked = work.now
        except DatabaseAway:
            return  # the next tick looks again
        except asyncio.CancelledError:
            return  # the program ends: to the scheduler it would be an error of the job
        except Exception:
            log.exception("the clock moment %s failed", moment.name)
        finally:
            LOOPS.ended(name)

    return tick
