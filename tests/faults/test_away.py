"""Telegram away, the database away, the roles apart: the program keeps trying and comes back by itself."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.phone import Phone
from storage.engine.database import migrate
from tests.faults.journeys import arrives, presses, reports, says
from tests.faults.running import RunningBot, WatchedTelegram
from tests.postgres import PostgresServer, start_postgres


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that this test may stop."""
    server = start_postgres(fsync=False)
    server.sql("CREATE DATABASE buurtstem")
    migrate(server.url("buurtstem"))
    yield server
    server.remove()


def events(bot: RunningBot) -> list[str]:
    """The event of each line that the program has logged."""
    lines = [line for line in bot.log.read_text().splitlines() if line.startswith("{")]
    return [str(json.loads(line)["event"]) for line in lines]


async def test_a_database_that_goes_away_and_comes_back_loses_no_answer(
    own_postgres: PostgresServer, tmp_path: Path
) -> None:
    async with (
        WatchedTelegram() as telegram,
        RunningBot(tmp_path, telegram.url, own_postgres.url("buurtstem")) as bot,
        await Phone.new(telegram.url, language_code="nl") as phone,
    ):
        await arrives(phone)
        await presses(phone, "g:report:", then="_help")
        own_postgres.stop()
        await phone.says("Dit komt terwijl de database weg is.")
        async with asyncio.timeout(30):
            while not any("the database is away" in event for event in events(bot)):
                await asyncio.sleep(0.05)
        own_postgres.start()
        await presses_after(phone)
        said = [event for event in events(bot) if re.fullmatch(r"the database is away \(.+\); I keep trying", event)]
        assert 1 <= len(said) <= 3, "each part says it once"


async def presses_after(phone: Phone) -> None:
    """The question that follows the story comes, and the report goes on."""
    async with asyncio.timeout(60):
        while not any(button == "2. Overlast in de buurt" for button in phone.buttons()):
            await phone.chat(wait=1.0)
    await presses(phone, "nuisance", then="_summary")


async def test_telegram_that_is_away_is_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        WatchedTelegram() as telegram,
        RunningBot(tmp_path, telegram.url, sqlite_url) as bot,
        await Phone.new(telegram.url, language_code="nl") as phone,
    ):
        await arrives(phone)
        await telegram.fault(method="*", when="before", kind="status", status=502)
        await phone.says("/melden")
        async with asyncio.timeout(40):
            while not any("Telegram is away" in event for event in events(bot)):
                await asyncio.sleep(0.05)
        await telegram.no_faults()
        await phone.sees("Vertel wat er is gebeurd", timeout=60)
        assert [event for event in events(bot) if "Telegram is away" in event][1:] == []


async def test_lost_answers_lose_no_message(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        WatchedTelegram("--thresholds", "raised") as telegram,
        RunningBot(tmp_path, telegram.url, sqlite_url),
        await Phone.new(telegram.url, language_code="nl") as phone,
    ):
        await telegram.fault(method="*", when="after", kind="drop", probability=0.2)
        await arrives(phone)
        code = await reports(phone, "Een verhaal met verloren antwoorden.")
        await telegram.no_faults()
        await says(phone, code, then="Een verhaal met verloren antwoorden.")


async def test_the_roles_apart_make_one_program(postgres_url: str, tmp_path: Path) -> None:
    async with WatchedTelegram() as telegram, await Phone.new(telegram.url, language_code="nl") as phone:
        web = RunningBot(tmp_path, telegram.url, postgres_url, command=("-m", "bot", "web"))
        others = [
            RunningBot(tmp_path, telegram.url, postgres_url, command=("-m", "bot", role)) for role in ("listen", "work")
        ]
        async with web:
            for other in others:
                await other.start(serves=False)
            try:
                await arrives(phone)
                assert await reports(phone, "Drie processen.")
            finally:
                for other in others:
                    await other.stop()


async def test_with_sqlite_the_roles_cannot_be_apart(sqlite_url: str, tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, "http://127.0.0.1:9", sqlite_url, command=("-m", "bot", "work"))
    await bot.start(serves=False)
    assert bot.process is not None
    assert await bot.process.wait() == 2
    last = bot.log.read_text().strip().splitlines()
    assert len(last) == 1
    assert "BUURTSTEM_DATABASE_URL" in last[0]
