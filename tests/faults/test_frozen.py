"""A process that freezes (SIGSTOP) costs the others ten seconds at most, and does nothing twice when it is woken.

Anywhere it may stand still: with a transaction open, with messages in flight, between the two. PostgreSQL only.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from domain.screens import Screen, Words
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.speaking import delivering
from simulator.phone import LocalTelegram, Phone
from storage.engine.database import Database
from tests.faults.evidence import broken, gather
from tests.faults.journeys import PATIENCE, Beat, Promises, lives
from tests.faults.running import RunningBot, WatchedTelegram
from tests.opened import opened

APART = ("web", "listen", "work", "work")
TOGETHER = ("run", "work")
ROLES = ("run", "web", "listen", "work")
IN_FLIGHT = 8
SECONDS = 10.0
TRANSACTION_SECONDS = 5.0  # so long the server lets a transaction stand still
PHONES = 32  # each hears less than its pace allows, or what is measured is the pace
LIVING = 1  # who report, at once
_HELD = text(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND state LIKE 'idle in transaction%'"
)


@dataclass
class Street:
    """The program in its roles, people with phones, and messages that are put into the outbox all the while."""

    telegram: LocalTelegram
    database: Database
    roles: tuple[str, ...]
    bots: list[RunningBot]
    phones: list[Phone]
    put: int = 0
    inside: int = 0
    longest: float = 0.0
    over: bool = False
    acts: list[asyncio.Task[None]] = field(default_factory=list)
    promises: Promises = field(default_factory=Promises)

    async def speak(self) -> None:
        """Ten messages a second, each with words of its own."""
        while not self.over:
            async with self.database.begin() as work:
                await saying.show(
                    work, reach_of(self.phones[self.put % PHONES].id), Screen((Words(f"bericht {self.put}."),))
                )
            self.put += 1
            await asyncio.sleep(0.1)

    async def ask(self) -> None:
        """Somebody always asks the console and the API, each time in a transaction."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while not self.over:
                with suppress(aiohttp.ClientError, TimeoutError):
                    await session.get(f"{self.bots[0].url}/readyz")
                await asyncio.sleep(0.01)

    async def tap(self) -> None:
        """People write all the while."""
        for one in range(10**6):
            if self.over:
                return
            await self.phones[one % PHONES].says("/menu")
            await asyncio.sleep(0.1)

    async def live(self, first: int) -> None:
        """Somebody reports, and then somebody else: what is handled twice is seen in the store."""
        for number in range(first, 10**6, LIVING):
            if self.over:
                return
            await lives(self.telegram.url, number, self.promises, 1, Beat(PHONES, over=True))

    async def freeze(self, which: int, chance: random.Random, seconds: float = SECONDS) -> None:
        """Stop a process, with a transaction open if that can be met; wake it when the others had time to go on."""
        process = self.bots[which].process
        assert process is not None
        loop = asyncio.get_running_loop()
        end = loop.time() + 3.0
        while True:
            await asyncio.sleep(chance.uniform(0.0, 0.05))
            os.kill(process.pid, signal.SIGSTOP)
            await asyncio.sleep(0.03)  # what the server has just answered
            if await self._holds(process.pid):
                self.inside += 1
                break
            if loop.time() > end:
                break
            os.kill(process.pid, signal.SIGCONT)
        try:
            began, first = loop.time(), self.put
            while not await self._said_since(first + 3):
                assert loop.time() - began < seconds, f"{self.roles[which]} is frozen, and nobody speaks"
                await asyncio.sleep(0.1)
            self.longest = max(self.longest, loop.time() - began)
            if self.roles[which] in {"run", "work"}:  # and what it had under way
                await asyncio.sleep(max(0.0, began + SECONDS - loop.time()))
                async with self.database.reading() as work:
                    oldest = await work.run(text("SELECT min(lease_until) FROM outbox WHERE state <> 'waiting'"))
                    now = await work.database_now()
                    assert (oldest.scalar_one() or now) >= now, "what it had under way is left lying"
        finally:
            os.kill(process.pid, signal.SIGCONT)

    async def _holds(self, pid: int) -> bool:
        async with self.database.reading() as work:
            return bool((await work.run(_HELD, {"name": f"buurtstem {pid}"})).scalar_one())

    async def _said_since(self, number: int) -> bool:
        """Whether any message from this one on was said: a chat may wait for what the frozen process had under way."""
        said = {entry.get("text") for entry in (await self.telegram.ledger())[-300:]}
        return any(f"bericht {one}." in said for one in range(number, self.put))


@asynccontextmanager
async def street(folder: Path, database_url: str, roles: tuple[str, ...]) -> AsyncIterator[Street]:
    """Everything started; what was frozen is woken and stopped at the end."""
    async with WatchedTelegram("--thresholds", "raised") as telegram:
        bots = [
            RunningBot(folder, telegram.url, database_url, command=("-m", "bot", role), more={"LOG_LEVEL": "INFO"})
            for role in roles
        ]
        try:
            await asyncio.gather(
                *(bot.start(serves=role in {"run", "web"}) for bot, role in zip(bots, roles, strict=True))
            )
            phones = [await Phone.new(telegram.url, language_code="nl") for _ in range(PHONES)]
            for phone in phones:
                await phone.says("/start")
            await phones[-1].sees("taal", timeout=60)
            async with opened(database_url, bots[0].keys) as database:
                here = Street(telegram, database, roles, bots, phones)
                acts = (here.speak(), here.ask(), here.tap(), *map(here.live, range(LIVING)))
                here.acts = [asyncio.create_task(act) for act in acts]
                try:
                    yield here
                finally:  # also when it failed: what is left open would fail the next test
                    for act in here.acts:
                        act.cancel()
                    await asyncio.gather(*here.acts, return_exceptions=True)
                    for phone in phones:
                        await phone.close()
        finally:
            await asyncio.gather(*(bot.stop() for bot in bots))


async def frozen(
    folder: Path, database_url: str, roles: tuple[str, ...], moments: list[tuple[int, ...]], seed: int
) -> str:
    """Freeze these processes, one row after the other, those of a row together; what was seen, in a line."""
    chance = random.Random(seed)
    async with street(folder, database_url, roles) as here:
        for together in moments:
            # Frozen together, one may get its lock only when the transaction of the one before it has been ended.
            seconds = SECONDS + TRANSACTION_SECONDS * (len(together) - 1)
            await asyncio.gather(*(here.freeze(which, chance, seconds) for which in together))
        here.over = True
        await asyncio.gather(*here.acts)
        async with asyncio.timeout(PATIENCE):
            while (counts := await _counts(here.telegram)).keys() != {f"bericht {n}." for n in range(here.put)}:
                await asyncio.sleep(0.2)
            await _all_said(here.database)
        evidence = await gather(here.database, here.promises, await here.telegram.ledger())
        counts = await _counts(here.telegram)
    count = sum(map(len, moments))
    twice = sum(times - 1 for times in counts.values())
    assert twice <= IN_FLIGHT * count
    assert broken(evidence) == []
    return (
        f"{count} freezes ({here.inside} in a transaction), silent {here.longest:.1f} s at most, {twice} said twice, "
        f"{len(evidence.stories)} reports kept, each once"
    )


async def _counts(telegram: LocalTelegram) -> Counter[Any]:
    calls = [one for one in await telegram.ledger() if one["kind"] == "call" and one.get("method") == "sendMessage"]
    return Counter(one.get("text") for one in calls if str(one.get("text")).startswith("bericht "))


async def _all_said(database: Database) -> None:
    while True:
        async with database.reading() as work:
            if not await delivering.waiting(work):
                return
        await asyncio.sleep(0.2)


async def test_a_frozen_process_holds_up_the_others_for_ten_seconds_at_most(postgres_url: str, tmp_path: Path) -> None:
    print(await frozen(tmp_path, postgres_url, APART, [(0, 1, 2), (0, 3)], seed=1))


@pytest.mark.proof
@pytest.mark.parametrize(("roles", "which"), [(TOGETHER, 0), (APART, 0), (APART, 1), (APART, 2)], ids=ROLES)
async def test_twenty_frozen_moments(postgres_url: str, tmp_path: Path, roles: tuple[str, ...], which: int) -> None:
    print(roles[which], await frozen(tmp_path, postgres_url, roles, [(which,)] * 20, seed=2))
