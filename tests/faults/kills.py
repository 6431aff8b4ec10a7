"""kill -9 at random points while residents report: the harness of the gate and of `make proof`."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from simulator.phone import LocalTelegram
from storage.database import Database
from tests.faults.evidence import Evidence, broken, gather, said_twice
from tests.faults.journeys import Promises, crowd
from tests.faults.running import RunningBot

RESIDENTS_AT_ONCE = 50
IN_FLIGHT = 8


@dataclass(frozen=True)
class Kills:
    """What a run of kills showed."""

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


async def kill_again_and_again(
    folder: Path,
    database_url: str,
    listen: str,
    kills: int,
    seed: int,
    command: tuple[str, ...] = ("-m", "bot", "run"),
) -> Kills:
    """Kill the bot `kills` times under a crowd of residents, let everybody finish, and look at what is left."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    async with LocalTelegram("--thresholds", "raised") as telegram:
        bot = RunningBot(folder, telegram.url, database_url, listen, command)
        await bot.start()
        promises = Promises()
        began = loop.time()
        done = 0
        generation = 0
        while done < kills:
            generation += 1
            people = asyncio.create_task(crowd(telegram.url, RESIDENTS_AT_ONCE, promises, seed * 1000 + generation))
            while done < kills and not people.done():
                # Any moment is as good as another: while it starts, while it is busy, while it writes.
                await asyncio.wait({people}, timeout=chance.uniform(0.3, 2.5))
                if people.done():
                    break
                await bot.kill()
                done += 1
                await bot.start()
            await people
        await settled(telegram)
        seconds = loop.time() - began
        await bot.stop()
        ledger = await telegram.ledger()
        violations = await telegram.violations()
    database = Database(database_url, bot.keys, lambda: datetime.now(UTC))
    try:
        evidence = await gather(database, promises, ledger)
    finally:
        await database.close()
    updates = sum(1 for entry in ledger if entry["kind"] == "update_made")
    wrong = broken(evidence) + [f"violation: {one['complaint']}" for one in violations]
    return Kills(done, updates, seconds, said_twice(ledger), evidence, wrong)


async def settled(telegram: LocalTelegram) -> None:
    """Wait until every update was accepted."""
    async with asyncio.timeout(60):
        while True:
            ledger = await telegram.ledger()
            made = {entry["update_id"] for entry in ledger if entry["kind"] == "update_made"}
            accepted = {entry["update_id"] for entry in ledger if entry["kind"] == "update_accepted"}
            if made == accepted:
                return
            await asyncio.sleep(0.2)
