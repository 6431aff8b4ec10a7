"""A broadcast under faults: neighbours on a local Telegram, a running bot, and what the ledger shows afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.process.clock import make_clock
from domain.broadcasts.rules import Act
from services.broadcasts import sending
from simulator.phone import LocalTelegram, Phone
from storage.broadcasts import invitations as rows
from storage.engine.database import Database
from storage.outbox import pace
from tests.faults.journeys import arrives
from tests.faults.running import TOKEN, RunningBot, WatchedTelegram
from tests.neighbours import TEXTS, invite, move_in, organiser

FIRST = 5_000_000_000
ANSWERED_LATE = 1  # second: the ledger notes a request when it is answered
_MORE_THAN_A_DAY = 25 * 3600
_UNDER_WAY = frozenset({"waiting", "sending"})
EMAIL = "first@office.example"
Entry = dict[str, Any]


@dataclass
class Street:
    """Neighbours who want news, some of whom Telegram will refuse, and the bot that writes to them."""

    telegram: LocalTelegram
    bot: RunningBot
    database: Database
    people: range
    blocked: frozenset[int]
    waits: list[float] = field(default_factory=list)

    async def invite(self) -> str:
        """Start a broadcast to all of them; its id."""
        return await invite(self.database, email=EMAIL)

    async def act(self, broadcast_id: str, what: Act) -> float:
        """Let staff act on the broadcast; the moment when that was done (seconds, the local Telegram's clock)."""
        async with self.database.begin() as work:
            me = await organiser(work, EMAIL)
            version = (await sending.overview(work, me, broadcast_id)).version
            await sending.act(work, me, broadcast_id, what, version, seen="")
        return float((await self.telegram.get("/sim/clock"))["now"])

    async def report(self, broadcast_id: str) -> Counter[str]:
        """State -> how many recipients are in it."""
        found: Counter[str] = Counter()
        async with self.database.reading() as work:
            for (_, state), times in (await rows.tallied(work, broadcast_id)).items():
                found[state] += times
        return found

    async def settled(self, broadcast_id: str, least: int | None = None, seconds: float = 200.0) -> Counter[str]:
        """Wait until `least` recipients (None: all) are settled; then as `report`. TimeoutError after `seconds`."""
        wanted = len(self.people) if least is None else least
        async with asyncio.timeout(seconds):
            while True:
                report = await self.report(broadcast_id)
                if sum(times for state, times in report.items() if state not in _UNDER_WAY) >= wanted:
                    return report
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """Kill -9, and start again."""
        await self.bot.kill()
        await self.bot.start()

    async def answers_late(self) -> None:
        """Let the next four messages that arrive be answered a second late."""
        await self.telegram.fault(method="sendMessage", when="after", kind="delay", seconds=ANSWERED_LATE, times=4)

    async def kill_in_flight(self) -> None:
        """Kill -9 when an invitation has arrived and its answer has not come back, and start again."""
        await self.answers_late()
        since = (await self.telegram.get("/sim/events"))["version"]
        async with asyncio.timeout(60):
            arrived: set[int] = set()
            while not arrived:
                news = await self.telegram.get("/sim/events", after=since, wait=1)
                arrived = set(self.people).intersection(news["residents"])
        await self.kill()

    async def refused(self) -> None:
        """Wait until the bot has stored the pause that Telegram asked for: a bot that dies before can't know of it."""
        async with asyncio.timeout(60):
            while True:
                async with self.database.reading() as work:
                    if await pace.halted_until(work, await work.database_now()) is not None:
                        return
                await asyncio.sleep(0.05)

    async def presses(self, number: int, seconds: float) -> None:
        """Let somebody who is no recipient press buttons; `waits` gets the seconds until each press is answered."""
        loop = asyncio.get_running_loop()
        async with await Phone.new(self.telegram.url, resident_id=number) as phone:
            await arrives(phone)
            await phone.taps("g:help:")
            await phone.sees("112")
            end = loop.time() + seconds
            while loop.time() < end:
                await asyncio.sleep(1.1)  # a chat hears one message a second
                seen = {message["message_id"] for message in (await phone.chat())["messages"]}
                began = loop.time()
                await phone.taps("g:menu:")
                while not {one["message_id"] for one in (await phone.chat(wait=5))["messages"]} - seen:
                    assert loop.time() - began < 30, "a press was not answered"
                self.waits.append(loop.time() - began)

    async def sends(self) -> list[Entry]:
        """Every message that the bot tried to send, in order."""
        return [one for one in await self.telegram.ledger() if one["kind"] == "call" and one["method"] == "sendMessage"]

    async def invitations(self) -> list[Entry]:
        """The sends of the broadcast that arrived."""
        words = set(TEXTS.values())
        return [one for one in await self.sends() if one["ok"] and one.get("text") in words]


@asynccontextmanager
async def open_street(
    folder: Path, url: str, count: int, blocked: int, command: tuple[str, ...] = ("-m", "bot", "run")
) -> AsyncIterator[Street]:
    """A bot with `count` neighbours who want news; Telegram refuses `blocked` of them, which the bot can't know yet."""
    people = range(FIRST, FIRST + count)
    gone = frozenset(people[:: max(1, count // blocked)][:blocked]) if blocked else frozenset()
    async with WatchedTelegram() as telegram:
        await telegram.call(TOKEN, "getMe")
        for number in people:
            await telegram.post("/sim/residents", id=number, name="Bewoner")
        await telegram.act([{"resident": number, "kind": "start"} for number in people])
        await telegram.advance(_MORE_THAN_A_DAY)  # what they wrote is not delivered any more
        await telegram.act([{"resident": number, "kind": "deactivate"} for number in gone])
        bot = RunningBot(folder, telegram.url, url, command=command)
        database = Database(url, bot.keys, make_clock(""))
        try:
            await move_in(database, people)
            async with bot:
                yield Street(telegram, bot, database, people, gone)
        finally:
            await database.close()


def twice(arrived: Iterable[Entry]) -> set[int]:
    """I9: the chats that got the same broadcast more than once."""
    return {chat for chat, times in Counter(one["chat"] for one in arrived).items() if times > 1}


def most_in_a_second(sends: Iterable[Entry]) -> int:
    """The most sends in any second."""
    at = sorted(one["at"] for one in sends)
    first = most = 0
    for last, moment in enumerate(at):
        while moment - at[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def percentile(waits: list[float], share: float) -> float:
    """The wait (seconds) that this share (0 to 1) of the waits stays under."""
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * share))]
