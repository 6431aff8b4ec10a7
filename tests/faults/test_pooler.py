"""Everything behind PgBouncer in transaction mode: all roles and commands; wrong settings are reported."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.process.clock import make_clock
from domain.sealing import KeyRing
from services.upkeep import copying
from simulator.phone import Phone
from storage.engine.database import Database, WrongDatabaseUrl, checked_url, migrate
from tests.faults.journeys import arrives, reports
from tests.faults.running import ROOT, RunningBot, WatchedTelegram
from tests.journeys.test_vote import _casts, _opens, _receipt
from tests.lives import live
from tests.opened import Clock, opened
from tests.pgbouncer import pgbouncer
from tests.postgres import PostgresServer
from tests.rounds import open_round

WITHOUT_POOLER = "a pooler such as PgBouncer stands before it: end the address with ?pooler=transaction"
SESSIONS = 4


def through(port: int, server: PostgresServer, direct: str, end: str = "?pooler=transaction") -> str:
    """The address of the database that is `direct` on the server, by way of the pooler."""
    return direct.replace(f":{server.port}/", f":{port}/") + end


@pytest.fixture
def pooled_url(postgres_url: str, postgres_server: PostgresServer) -> Iterator[str]:
    """Address of a fresh, migrated database behind a PgBouncer with four sessions for all."""
    with pgbouncer(postgres_server, SESSIONS) as port:
        yield through(port, postgres_server, postgres_url)


def log_of(bots: list[RunningBot]) -> str:
    return "".join(bot.log.read_text() for bot in bots)


async def test_a_report_a_vote_and_a_send_go_through_it_with_all_roles_apart(
    postgres_url: str, pooled_url: str, tmp_path: Path
) -> None:
    async with WatchedTelegram() as telegram, AsyncExitStack() as stack:
        bots = [
            RunningBot(tmp_path, telegram.url, pooled_url, command=("-m", "bot", role))
            for role in ("web", "listen", "work")
        ]
        for bot in bots:
            bot.port = bots[0].port
            await bot.start(serves=bot is bots[0])
            stack.push_async_callback(bot.stop)
        async with opened(postgres_url, bots[0].keys, Clock(make_clock("")())) as direct, direct.begin() as work:
            _, codes = await open_round(work, 3)
        crowd = [await stack.enter_async_context(await Phone.new(telegram.url, language_code="nl")) for _ in codes]
        await asyncio.gather(*map(arrives, crowd))
        told = await asyncio.gather(*(reports(phone, f"verhaal {at}") for at, phone in enumerate(crowd)))
        assert len(set(told)) == 3
        await asyncio.gather(*(votes(phone, code) for phone, code in zip(crowd, codes, strict=True)))
    logged = [json.loads(line) for line in log_of(bots[:1]).splitlines() if line.startswith("{")]
    assert [line for line in logged if line["level"] in {"WARNING", "ERROR", "CRITICAL"}] == []
    async with opened(postgres_url, bots[0].keys) as direct, direct.begin() as work:
        for table, many in (("signals", 3), ("ballots", 3), ("dead_letters", 0)):
            assert (await work.run(text(f"SELECT count(*) FROM {table}"))).scalar_one() == many


async def votes(phone: Phone, code: str) -> None:
    await _opens(phone, code)
    await _casts(phone, (1, 3, 5))
    assert await _receipt(phone, "nl")


async def test_many_at_once_share_few_sessions_and_leave_nothing_on_them(pooled_url: str, keys: KeyRing) -> None:
    async with opened(pooled_url, keys) as database:
        await _ask_at_once(database)


async def _ask_at_once(pooled: Database) -> None:
    async def ask(number: int) -> int:
        async with pooled.begin() as work:
            await work.database_now()
            found: int = (await work.run(text("SELECT CAST(:number AS int)"), {"number": number})).scalar_one()
            await work.run(text("SELECT pg_sleep(0.001)"))
            return found

    numbers = list(range(400))
    assert await asyncio.gather(*map(ask, numbers)) == numbers
    async with pooled.reading() as work:
        for left in ("pg_prepared_statements WHERE NOT from_sql", "pg_locks WHERE locktype = 'advisory'"):
            assert (await work.run(text(f"SELECT count(*) FROM {left}"))).scalar_one() == 0
        busy = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert (await work.run(busy)).scalar_one() <= SESSIONS


async def test_a_life_is_lived_and_backed_up_through_it(pooled_url: str, keys: KeyRing) -> None:
    async with opened(pooled_url, keys) as database:
        await live(database)
        async with database.reading() as work:
            await copying.hold_still(work)
            lines = [line async for line in copying.lines(work, keys=False, backup_id="one")]
    assert len(lines) > 20


@pytest.mark.parametrize("command", [["migrate"], ["doctor"], ["keys", "check"], ["keys", "rotate"]])
def test_each_command_works_through_it(command: list[str], pooled_url: str, tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, "http://127.0.0.1:9", pooled_url)
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command], cwd=ROOT, env=bot.environment(), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    if command == ["doctor"]:
        assert "ok     database" in said
    elif command[-1] == "rotate":  # no record opens with these keys: there is none
        assert "no record" in said
    else:
        assert done.returncode == 0, said


def test_a_database_is_made_through_it_by_three_at_once(
    postgres_server: PostgresServer, pooled_url: str, tmp_path: Path
) -> None:
    postgres_server.sql("CREATE DATABASE through_a_pooler")
    url = pooled_url.replace(str(make_url(pooled_url).database), "through_a_pooler")
    bot = RunningBot(tmp_path, "http://127.0.0.1:9", url)
    command = [sys.executable, "-m", "bot", "migrate"]
    running = [subprocess.Popen(command, cwd=ROOT, env=bot.environment()) for _ in range(3)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    assert not migrate(url), "nothing is left to do"


@pytest.mark.parametrize("forgiving", ["", "idle_in_transaction_session_timeout, lock_timeout, tcp_keepalives_idle"])
def test_a_pooler_that_nobody_told_of_is_named(
    forgiving: str, postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    more = ", tcp_keepalives_interval, tcp_keepalives_count, tcp_user_timeout"
    ignored = {"ignore_startup_parameters": forgiving + more} if forgiving else {}
    with pgbouncer(postgres_server, 1, **ignored) as port:
        bot = RunningBot(tmp_path, "http://127.0.0.1:9", through(port, postgres_server, postgres_url, end=""))
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "bot", "doctor"], cwd=ROOT, env=bot.environment(), stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        said = "".join(process.communicate(timeout=60)[0] for process in running)
    assert WITHOUT_POOLER in said


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("?pool_size=3", "its pool_size must be a number from 4 to 65535"),
        ("?pool_size=many", "its pool_size must be a number"),
    ],
)
def test_a_wrong_word_about_pools_is_refused(end: str, why: str) -> None:
    with pytest.raises(WrongDatabaseUrl, match=why):
        checked_url(f"postgresql://a:secret@b/c{end}")
    assert checked_url("postgresql://a@b/c?pooler=transaction&pool_size=4")


async def test_a_process_takes_no_more_connections_than_it_may(postgres_url: str, keys: KeyRing) -> None:
    async with opened(f"{postgres_url}?pool_size=5", keys) as database, AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(database.begin())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), database.begin():
                pass
