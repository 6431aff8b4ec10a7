"""kill -9 at random points while residents report: the harness of the gate and of `make proof`."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from bot.clock import make_clock
from simulator.phone import LocalTelegram
from storage.database import Database
from tests.faults import journeys
from tests.faults.evidence import Evidence, broken, gather, said_twice, unsettled
from tests.faults.journeys import Promises, crowd
from tests.faults.running import RunningBot

RESIDENTS_AT_ONCE = 60
IN_FLIGHT = 8


@dataclass(frozen=True)
class Outcome:
    """What a run showed."""

    kills: int
    updates: int
    seconds: float
    twice: int
    evidence: Evidence
    broken: list[str]

    def line(self) -> str:
        """One line for a note."""
        return (
            f"{self.kills} kills, {self.updates} updates in {self.seconds:.0f} s, "
            f"{len(self.evidence.stories)} signals, {self.twice} said twice, broken: {self.broken or 'nothing'}"
        )


@dataclass
class Trial:
    """A crowd of residents, a bot, and what is done to it."""

    folder: Path
    database_url: str
    listen: str = "polling"
    kills: int = 0
    seed: int = 1
    residents: int = RESIDENTS_AT_ONCE
    deliveries: tuple[int, int] = (1, 1)
    command: tuple[str, ...] = ("-m", "bot", "run")

    async def run(self) -> Outcome:
        """Kill the bot again and again, let everybody finish, and look at what is left."""
        loop = asyncio.get_running_loop()
        promises, wrong = Promises(), list[str]()
        async with LocalTelegram("--thresholds", "raised") as telegram:
            await telegram.delivery(duplicates=self.deliveries)
            bot = RunningBot(self.folder, telegram.url, self.database_url, self.listen, self.command)
            await bot.start()
            began = loop.time()
            try:
                await self._live(telegram, bot, promises)
                await _settled(telegram)
            except* AssertionError as errors:
                wrong += [f"waiting: {str(error).splitlines()[0]}" for error in errors.exceptions]
            seconds = loop.time() - began
            await bot.stop()
            ledger = await telegram.ledger()
            wrong += [f"violation: {one['complaint']}" for one in await telegram.violations()]
        database = Database(self.database_url, bot.keys, make_clock(""))
        try:
            evidence = await gather(database, promises, ledger)
        finally:
            await database.close()
        updates = sum(1 for entry in ledger if entry["kind"] == "update_made")
        return Outcome(self.kills, updates, seconds, said_twice(ledger), evidence, broken(evidence) + wrong)

    async def _live(self, telegram: LocalTelegram, bot: RunningBot, promises: Promises) -> None:
        """Crowd after crowd, until there were kills enough and the last crowd has finished."""
        chance = random.Random(self.seed)
        done = generation = 0
        while generation == 0 or done < self.kills:
            generation += 1
            seed = self.seed * 1000 + generation
            people = asyncio.create_task(crowd(telegram.url, self.residents, promises, seed))
            while not people.done() and done < self.kills:
                # Any moment is as good as another: while it is busy, while it writes, just after its start.
                await asyncio.wait({people}, timeout=chance.uniform(0.1, 4.0))
                if not people.done():
                    await bot.kill()
                    done += 1
                    await bot.start()
            await people


async def _settled(telegram: LocalTelegram) -> None:
    """Wait until every update was accepted."""
    loop = asyncio.get_running_loop()
    end = loop.time() + journeys.PATIENCE
    while loop.time() < end:
        if not unsettled(await telegram.ledger()):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("some updates were never accepted")
