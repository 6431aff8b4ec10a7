"""How the program starts and ends: a fault is one clear line, a SQLite file serves one program, nothing is left."""

import asyncio
import json
import signal
import socket
import sqlite3
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES

from bot.jobs import ticking
from bot.process.clock import make_clock
from bot.settings import WrongSetting, read_settings
from bot.web.serving import bind
from domain.budget.rounds import HaltReason, RoundState
from handlers.clock.moments import ClockMoment
from services.budget import rounds
from services.work import Work
from simulator.phone import Phone
from storage.engine.database import Database
from tests.faults.journeys import arrives
from tests.faults.running import RunningBot, WatchedTelegram, free_port
from tests.lives import live
from tests.opened import Clock, opened
from tests.postgres import PostgresServer
from tests.rounds import open_round

WORDS = "Dit mag in geen logboek staan."
NOWHERE = "http://127.0.0.1:9"


async def ended(bot: RunningBot) -> tuple[int, list[str]]:
    """How it ended by itself: (exit status, the lines it wrote)."""
    assert bot.process is not None
    try:
        status = await asyncio.wait_for(bot.process.wait(), 120)
    finally:
        await bot.kill()
    return status, bot.log.read_text().splitlines()


def _ignores_interrupts(status: str) -> bool:
    """Whether SIGINT is ignored, by the text of /proc/PID/status (proc(5), SigIgn)."""
    return bool(int(status.partition("SigIgn:")[2].split()[0], 16) >> (signal.SIGINT - 1) & 1)


async def test_an_interrupt_while_it_loads_is_not_lost_where_a_shell_had_it_ignored(tmp_path: Path) -> None:
    ignoring = "import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    becoming = "import sys; os.execv(sys.executable, [sys.executable, '-m', 'bot', 'run'])"
    bot = RunningBot(tmp_path, NOWHERE, f"sqlite+aiosqlite:///{tmp_path}/b.db", command=("-c", ignoring + becoming))
    await bot.start(serves=False)
    assert bot.process is not None
    status = Path(f"/proc/{bot.process.pid}/status")
    async with asyncio.timeout(120):
        for ignored in (True, False):  # by the shell, and then no more
            while _ignores_interrupts(status.read_text()) != ignored:
                await asyncio.sleep(0.001)
    bot.process.send_signal(signal.SIGINT)
    assert (await ended(bot))[0] == -signal.SIGINT


async def test_a_second_program_on_one_sqlite_file_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        WatchedTelegram() as telegram,
        RunningBot(tmp_path / "first", telegram.url, sqlite_url) as first,
        await Phone.new(telegram.url, language_code="nl") as phone,
    ):
        second = RunningBot(tmp_path / "second", telegram.url, sqlite_url)
        await second.start(serves=False)
        status, lines = await ended(second)
        assert (status, len(lines)) == (2, 1)
        assert lines[0].startswith("BUURTSTEM_DATABASE_URL: another")
        await arrives(phone)
        await first.kill()
        await first.start()


async def test_a_start_long_after_the_close_of_a_vote_leaves_it_to_staff(sqlite_url: str, tmp_path: Path) -> None:
    now = make_clock("")()
    async with WatchedTelegram() as telegram:
        bot = RunningBot(tmp_path, telegram.url, sqlite_url)
        async with opened(sqlite_url, bot.keys, Clock(now - timedelta(days=1))) as before, before.begin() as work:
            missed, _ = await open_round(work, 1, closes_at=now - timedelta(hours=2))
            just_over, _ = await open_round(work, 1, closes_at=now - timedelta(minutes=1))
        async with bot, opened(sqlite_url, bot.keys) as after, asyncio.timeout(120):
            found = just_over
            while found.state == RoundState.VOTING:
                await asyncio.sleep(0.1)
                async with after.reading() as work:
                    found = await rounds.round_of(work, just_over.id)
                    left = await rounds.round_of(work, missed.id)
            assert (left.state, left.halted) == (RoundState.VOTING, HaltReason.MISSED)


@pytest.mark.parametrize("command", ["run", "work", "backup"])
async def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path, command: str) -> None:
    url = f"postgresql+asyncpg://somebody:a-password@127.0.0.1:{free_port()}/nothing"
    more = (str(tmp_path / "copies"),) if command == "backup" else ()
    bot = RunningBot(tmp_path, NOWHERE, url, command=("-m", "bot", command, *more))
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    assert lines[0].startswith("BUURTSTEM_DATABASE_URL")
    assert "a-password" not in lines[0]


async def test_a_database_without_its_form_is_one_line(postgres_server: PostgresServer, tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, NOWHERE, postgres_server.url(), command=("-m", "bot", "listen"))
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    assert "migrate" in lines[0]


async def test_a_backup_of_no_database_makes_none(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/nothing.db"
    bot = RunningBot(tmp_path, NOWHERE, url, command=("-m", "bot", "backup", str(tmp_path / "copies")))
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    assert not (tmp_path / "nothing.db").exists()


async def test_a_database_of_a_newer_version_is_one_line(sqlite_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite_url.partition("///")[2]) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    bot = RunningBot(tmp_path, NOWHERE, sqlite_url)
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    assert "newer" in lines[0]


async def a_life(bot: RunningBot) -> None:
    """Records in the database of this bot, sealed with its keys."""
    async with opened(bot.database_url, bot.keys) as database:
        await live(database)


async def test_no_keys_are_made_where_the_records_of_lost_ones_are(database_url: str, tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, NOWHERE, database_url)
    await a_life(bot)
    bot.keys_dir.rename(tmp_path / "mislaid")
    for made in (False, True):  # no folder at all; an empty one, as a volume that is not the right one
        if made:
            bot.keys_dir.mkdir(mode=0o700)
        await bot.start(serves=False)
        status, lines = await ended(bot)
        assert (status, len(lines)) == (2, 1), lines
        assert lines[0].startswith("BUURTSTEM_KEYS_DIR")
        assert list(bot.keys_dir.glob("*")) == []
        bot.log.unlink()


@pytest.mark.parametrize("command", ["run", "web", "listen", "work"])
async def test_keys_that_open_nothing_are_one_line(postgres_url: str, tmp_path: Path, command: str) -> None:
    await a_life(RunningBot(tmp_path / "right", NOWHERE, postgres_url))
    bot = RunningBot(tmp_path / "wrong", NOWHERE, postgres_url, command=("-m", "bot", command))
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    assert lines[0].startswith("BUURTSTEM_KEYS_DIR")


@pytest.mark.parametrize(
    ("host", "named"), [("10.255.255.1", "HTTP_HOST"), ("a..b", "HTTP_HOST"), ("127.0.0.1", "HTTP_PORT")]
)
def test_where_the_pages_can_not_be_served_the_right_setting_is_named(host: str, named: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WrongSetting, match=f"^BUURTSTEM_{named}"):
            bind(read_settings({"BUURTSTEM_HTTP_HOST": host, "BUURTSTEM_HTTP_PORT": str(port)}))


async def test_an_end_while_the_clock_is_busy_and_a_tick_that_is_skipped_are_no_faults(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    skipped = asyncio.Event()

    async def busy(_: Work) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ticking, "MOMENTS", (ClockMoment(busy, 1),))
    ticker = ticking.make_ticker(database.begin)
    ticker.add_listener(lambda _: skipped.set(), EVENT_JOB_MAX_INSTANCES)
    ticker.start()
    async with asyncio.timeout(120):
        await skipped.wait()
        (running,) = ticker._executors["default"]._pending_futures
        ticker.shutdown(wait=False)
        await asyncio.wait([running])
    assert caplog.records == []


async def test_a_start_that_fails_leaves_no_local_telegram_behind(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    more = {"BOT_TOKEN": "", "TELEGRAM_API_URL": "", "SIMULATOR_PORT": str(port)}
    bot = RunningBot(tmp_path, "", sqlite_url, more=more)
    (bot.keys_dir / "pseudonyms.key").chmod(0o644)
    await bot.start(serves=False)
    status, lines = await ended(bot)
    assert (status, len(lines)) == (2, 1), lines
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_part_that_falls_over_starts_again_and_says_no_words(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        WatchedTelegram() as telegram,
        RunningBot(tmp_path, telegram.url, sqlite_url) as bot,
        await Phone.new(telegram.url, language_code="nl") as phone,
    ):
        await arrives(phone)
        with sqlite3.connect(sqlite_url.partition("///")[2], timeout=10) as file:
            file.execute("ALTER TABLE dead_letters RENAME TO mislaid_letters")
            file.execute("ALTER TABLE conversations RENAME TO mislaid")
        await phone.says(WORDS)
        async with asyncio.timeout(120):
            while not [line for line in told_of(bot) if line["level"] == "CRITICAL" and "listener" in line["event"]]:
                await asyncio.sleep(0.05)
        async with httpx.AsyncClient(base_url=bot.url) as client:
            assert (await client.get("/healthz")).status_code == 200
        with sqlite3.connect(sqlite_url.partition("///")[2], timeout=10) as file:
            file.execute("ALTER TABLE mislaid_letters RENAME TO dead_letters")
            file.execute("ALTER TABLE mislaid RENAME TO conversations")
        await phone.sees("Wil je dit melden", timeout=60)
        await bot.stop()
        status, lines = await ended(bot)
    assert status == 0
    assert not [line for line in lines if "never retrieved" in line or WORDS in line]


def told_of(bot: RunningBot) -> list[dict[str, str]]:
    """The fields of each line of the log so far."""
    return [json.loads(line) for line in bot.log.read_text().splitlines() if line.startswith("{")]
