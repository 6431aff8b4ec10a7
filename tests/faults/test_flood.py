"""600 messages a minute from one account, each made to be slow to parse: other residents hardly notice."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import delete

from simulator.phone import Phone
from tests.faults.running import RunningBot, WatchedTelegram
from tests.hostile import shapes
from tests.opened import opened, table

OTHERS = 40
BLOCKS = 3
# Our own pace gives a chat about one answer a second: asking sooner would measure that pace.
APART_SECONDS = 1.5
MOST_TIMES = 3.0
# Below this nobody notices anything.
UNNOTICED_SECONDS = 0.1
PER_SECOND = 10
TRIES = 4
KINDS = [("sqlite", "polling"), ("sqlite", "webhook"), ("postgres", "polling"), ("postgres", "webhook")]
COMMANDS = ("/help", "/privacy", "/settings")


class Flood:
    """One account that sends what is hardest to read, several at once and then a pause, as a program would."""

    def __init__(self, telegram_url: str, together: int) -> None:
        self._url, self._together = telegram_url, together
        self.sent = 0

    async def send(self) -> None:
        """Send until cancelled, 600 a minute."""
        texts = [text.encode(errors="replace").decode() for text in shapes().values() if text.strip("\n \t\u00a0")]
        random.Random(5).shuffle(texts)
        async with aiohttp.ClientSession(self._url) as session:
            async with session.post("/sim/residents", json={"name": "Vloed", "language_code": "nl", "id": 666}):
                pass
            while True:
                at = asyncio.get_running_loop().time()
                for _ in range(self._together):
                    wish = {"kind": "text", "text": texts[self.sent % len(texts)]}
                    async with session.post("/sim/residents/666/actions", json=wish) as answer:
                        assert answer.status == 200, await answer.text()
                    self.sent += 1
                rest = at + self._together / PER_SECOND - asyncio.get_running_loop().time()
                await asyncio.sleep(max(0.0, rest))


@dataclass
class Measured:
    """Seconds that others waited `without` a flood, and `beside` one of `sent` messages."""

    without: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    sent: int = 0

    def __str__(self) -> str:
        without, beside = p95(self.without), p95(self.beside)
        return (
            f"p95 {without * 1000:.0f} ms without, {beside * 1000:.0f} ms beside {self.sent} messages:"
            f" {beside / without:.1f} times (n = {len(self.without)} and {len(self.beside)})"
        )


async def waits(phones: list[Phone], rounds: int) -> list[float]:
    """How long the others wait for their answers, in seconds."""
    loop = asyncio.get_running_loop()
    found: list[float] = []
    for number in range(rounds):
        again_at = loop.time() + APART_SECONDS
        for phone in phones:
            began = loop.time()
            await phone.says(COMMANDS[number % len(COMMANDS)])
            await phone.sees("", timeout=60)
            found.append(loop.time() - began)
        await asyncio.sleep(max(0.0, again_at - loop.time()))
    return found


def p95(found: list[float]) -> float:
    """The 95th percentile."""
    return sorted(found)[int(len(found) * 0.95)]


async def beside_a_flood(telegram_url: str, phones: list[Phone], rounds: int, together: int) -> tuple[list[float], int]:
    """(seconds that the others wait beside a flood, its messages); in the end the flooder is answered too."""
    flood = Flood(telegram_url, together)
    sending = asyncio.create_task(flood.send())
    found = await waits(phones, rounds)
    assert not sending.done()
    assert flood.sent >= PER_SECOND * APART_SECONDS * (rounds - 1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    async with await Phone.new(telegram_url, resident_id=666) as flooder:
        await flooder.says("/help")
        await flooder.sees("", timeout=60)
    return found, flood.sent


async def forget_what_is_unsaid(url: str, bot: RunningBot) -> None:
    """Empty the outbox: answers still owed to the flooder, one a second, would slow the next turn without a flood."""
    async with opened(url, bot.keys) as database, database.begin() as work:
        await work.run(delete(table("outbox")))


def is_unnoticed(measured: Measured) -> bool:
    """Whether others hardly notice."""
    return p95(measured.beside) <= max(MOST_TIMES * p95(measured.without), UNNOTICED_SECONDS)


async def flooded(
    folder: Path,
    url: str,
    listen: str,
    rounds: int,
    together: int,
    blocks: int,
    enough: Callable[[Measured], bool] | None = None,
) -> Measured:
    """Measure the others without and with a flood beside them, by turns: what else the machine does hits both.

    enough: judges each turn by itself; the first turn that it accepts is returned alone.
    """
    measured = Measured()
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(WatchedTelegram("--thresholds", "raised"))
        bot = RunningBot(folder, telegram.url, url, listen)
        phones = [await stack.enter_async_context(await Phone.new(telegram.url)) for _ in range(OTHERS)]
        for _ in range(blocks):
            async with bot:
                await waits(phones, 2)
                turn = Measured(await waits(phones, rounds))
                turn.beside, turn.sent = await beside_a_flood(telegram.url, phones, rounds, together)
            measured.without += turn.without
            measured.beside += turn.beside
            measured.sent += turn.sent
            if enough is not None and enough(turn):
                measured = turn
                break
            await forget_what_is_unsaid(url, bot)
        assert "could not be handled" not in bot.log.read_text()
    print(f"{listen}, {together} at once: {measured}")
    return measured


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(address of a fresh database, "polling" or "webhook")."""
    database, listen = request.param
    return request.getfixturevalue(f"{database}_url"), listen


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3]], indirect=True, ids="-".join)
async def test_a_flood_from_one_account_holds_up_nobody(kind: tuple[str, str], tmp_path: Path) -> None:
    # A machine that runs other tests as well is slow at moments: it is enough that one turn of a few is quick.
    measured = await flooded(tmp_path, *kind, rounds=4, together=10, blocks=TRIES, enough=is_unnoticed)
    assert is_unnoticed(measured), measured


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS, indirect=True, ids="-".join)
@pytest.mark.parametrize("together", [1, 10, 20, 100])
async def test_a_flood_in_bursts_holds_up_nobody(kind: tuple[str, str], tmp_path: Path, together: int) -> None:
    measured = await flooded(tmp_path, *kind, rounds=7, together=together, blocks=BLOCKS)
    assert p95(measured.beside) <= MOST_TIMES * p95(measured.without)
