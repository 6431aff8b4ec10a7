"""kill -9 at random points while residents report: used by the tests of every run (the gate) and by `make proof`."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from bot.process.clock import make_clock
from simulator.phone import LocalTelegram
from storage.engine.database import Database
from tests.faults import journeys
from tests.faults.evidence import Evidence, broken, gather, said_twice, unheard, unsettled
from tests.faults.journeys import Beat, Promises, lives
from tests.faults.running import RunningBot

UPDATES_A_SECOND = 50
MOST_AT_ONCE = 400  # residents; more would only wait
IN_FLIGHT = 8
QUIET = {"LOG_LEVEL": "INFO"}  # what DEBUG writes costs as much as a tap


@dataclass(frozen=True)
class Outcome:
    """What a run showed."""

    kills: int
    updates: int
    beat: Beat
    twice: int
    evidence: Evidence
    broken: list[str]

    def line(self) -> str:
        """The outcome in one line."""
        return (
            f"{self.kills} kills under {self.beat.acts / (self.beat.seconds or 1):.0f} updates a second for "
            f"{self.beat.seconds:.0f} s: {self.updates} updates, {len(self.evidence.stories)} signals, "
            f"{self.twice} said twice, broken: {self.broken or 'nothing'}"
        )


@dataclass
class Trial:
    """A crowd of residents, a bot, and what is done to it. residents: how many come at least, however few the kills."""

    folder: Path
    database_url: str
    listen: str = "polling"
    kills: int = 0
    seed: int = 1
    residents: int = 0
    deliveries: tuple[int, int] = (1, 1)
    command: tuple[str, ...] = ("-m", "bot", "run")
    longest_life: float = 8.0  # seconds that the bot lives between two kills
    when_unheard: bool = False  # kill as soon as a text is confirmed whose sender has heard nothing yet

    async def run(self) -> Outcome:
        """Kill the bot again and again, let everybody finish, and look at what is left."""
        promises, beat, wrong = Promises(), Beat(UPDATES_A_SECOND), list[str]()
        async with LocalTelegram("--thresholds", "raised") as telegram:
            await telegram.delivery(duplicates=self.deliveries)
            bot = RunningBot(self.folder, telegram.url, self.database_url, self.listen, self.command, QUIET)
            try:
                await bot.start()
                await self._live(telegram, bot, promises, beat)
                await _settled(telegram)
                await bot.stop()
            except* AssertionError as errors:
                wrong += [f"waiting: {str(error).splitlines()[0]}" for error in errors.exceptions]
            finally:
                await bot.kill()
            ledger = await telegram.ledger()
            wrong += [f"violation: {one['complaint']}" for one in await telegram.violations()]
        database = Database(self.database_url, bot.keys, make_clock(""))
        try:
            evidence = await gather(database, promises, ledger)
        finally:
            await database.close()
        updates = sum(1 for entry in ledger if entry["kind"] == "update_made")
        return Outcome(self.kills, updates, beat, said_twice(ledger), evidence, broken(evidence) + wrong)

    async def _live(self, telegram: LocalTelegram, bot: RunningBot, promises: Promises, beat: Beat) -> None:
        """Residents come at a steady beat while the bot is killed again and again; then all of them finish."""
        people: list[asyncio.Task[None]] = []

        def newcomer() -> None:
            if sum(not one.done() for one in people) < MOST_AT_ONCE:
                people.append(group.create_task(lives(telegram.url, len(people), promises, self.seed, beat)))

        async with asyncio.TaskGroup() as group:
            group.create_task(beat.keep(newcomer))
            await self._kill_again_and_again(telegram, bot)
            while len(people) < self.residents:
                await asyncio.sleep(0.1)
            beat.end()

    async def _kill_again_and_again(self, telegram: LocalTelegram, bot: RunningBot) -> None:
        chance = random.Random(self.seed)
        for _ in range(self.kills):
            # Any moment is as good as another: while it is busy, while it writes, just after its start.
            await (_unheard(telegram) if self.when_unheard else asyncio.sleep(chance.uniform(0.1, self.longest_life)))
            await bot.kill()
            await bot.start()
            await telegram.retry()


async def _settled(telegram: LocalTelegram) -> None:
    """Wait until every update was accepted."""
    loop = asyncio.get_running_loop()
    end = loop.time() + journeys.PATIENCE
    while loop.time() < end:
        if not unsettled(await telegram.ledger()):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("some updates were never accepted")


async def _unheard(telegram: LocalTelegram) -> None:
    """Wait until a text was accepted and nothing was sent to its chat since."""
    async with asyncio.timeout(journeys.PATIENCE):
        while not unheard(await telegram.ledger()):
            await asyncio.sleep(0.05)
