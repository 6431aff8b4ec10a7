"""One local Telegram for all tests of this folder, emptied before each."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.parts import ROOT
from tests.simulator.client import Bot, Hook, listening


@pytest.fixture(scope="session")
def telegram_url() -> Iterator[str]:
    """Address of a local Telegram in a process that runs as long as the tests."""
    command = [sys.executable, "-m", "simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rpartition(" ")[2]
        process.terminate()


@pytest.fixture
async def telegram(telegram_url: str) -> AsyncIterator[Telegram]:
    """The control API of a local Telegram that was just emptied."""
    async with Telegram(telegram_url) as telegram:
        await telegram.reset()
        yield telegram


@pytest.fixture
async def bot(telegram: Telegram) -> Bot:
    """A bot that the local Telegram knows already."""
    bot = Bot(telegram)
    await bot("getMe")
    return bot


@pytest.fixture
async def amina(telegram: Telegram, bot: Bot) -> AsyncIterator[Phone]:
    """A resident who has pressed Start; the bot has seen it."""
    async with await Phone.new(telegram.url, name="Amina", language_code="ar") as phone:
        await phone.starts()
        await bot.updates()
        yield phone


@pytest.fixture
async def bilal(telegram: Telegram, bot: Bot) -> AsyncIterator[Phone]:
    """A second resident who has pressed Start; the bot has seen it."""
    async with await Phone.new(telegram.url, name="Bilal", language_code="nl") as phone:
        await phone.starts()
        await bot.updates()
        yield phone


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A webhook that listens."""
    async with listening() as hook:
        yield hook
