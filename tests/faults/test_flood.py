"""600 messages a minute from one account, each made to keep a reader busy: the others hardly notice."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from simulator.phone import Phone
from tests.faults.running import RunningBot, WatchedTelegram
from tests.hostile import shapes

OTHERS = 40
# Our own pace gives a chat about one answer a second: whoever asks sooner would measure that.
APART_SECONDS = 1.5
MOST_TIMES = 3.0
# Below this nobody notices anything, and a slow moment of the machine would be more than three times as much.
UNNOTICED_SECONDS = 0.1
PER_SECOND = 10
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


async def waits(phones: list[Phone], rounds: int) -> float:
    """The 95th percentile of how long the others wait for an answer, in seconds."""
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
    return sorted(found)[int(len(found) * 0.95)]


async def flooded(folder: Path, url: str, listen: str, rounds: int, together: int) -> None:
    """Measure the others without and with a flood beside them, and compare; all of the flood is answered at last."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(WatchedTelegram("--thresholds", "raised"))
        bot = await stack.enter_async_context(RunningBot(folder, telegram.url, url, listen))
        phones = [await stack.enter_async_context(await Phone.new(telegram.url)) for _ in range(OTHERS)]
        await waits(phones, 2)
        without = await waits(phones, rounds)
        flood = Flood(telegram.url, together)
        sending = asyncio.create_task(flood.send())
        beside = await waits(phones, rounds)
        assert not sending.done()
        assert flood.sent >= PER_SECOND * APART_SECONDS * (rounds - 1)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        flooder = await stack.enter_async_context(await Phone.new(telegram.url, resident_id=666))
        await flooder.says("/help")
        await flooder.sees("", timeout=60)
        assert "could not be handled" not in bot.log.read_text()
    print(f"{listen}: p95 {without * 1000:.0f} ms without, {beside * 1000:.0f} ms beside {flood.sent} messages")
    assert beside <= max(MOST_TIMES * without, UNNOTICED_SECONDS)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Address of a fresh database, and the way in."""
    database, listen = request.param
    return request.getfixturevalue(f"{database}_url"), listen


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3]], indirect=True, ids="-".join)
async def test_a_flood_from_one_account_holds_up_nobody(kind: tuple[str, str], tmp_path: Path) -> None:
    await flooded(tmp_path, *kind, rounds=4, together=10)


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS, indirect=True, ids="-".join)
@pytest.mark.parametrize("together", [1, 20])
async def test_a_flood_in_bursts_holds_up_nobody(kind: tuple[str, str], tmp_path: Path, together: int) -> None:
    await flooded(tmp_path, *kind, rounds=30, together=together)
