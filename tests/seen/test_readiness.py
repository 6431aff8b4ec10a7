"""/readyz names each cause of not being ready in a line; the running program serves /metrics and logs what it does."""

import asyncio
import json
import logging
import re
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from telegram.error import Conflict, NetworkError

from bot.listening.listener import _why_no_updates
from bot.process.keys import make_keys
from bot.process.logs import start_logging
from bot.process.readiness import NotReady, disk_full, readiness, why_away
from bot.settings import PREFIX, Settings, read_settings
from services.work import Begin, DatabaseAway, Work
from storage.engine.database import Database, migrate
from storage.outbox import pace
from tests.faults.running import RunningBot
from tests.lives import live
from tests.opened import clock, database, fresh_keys, keys, logging_as_before, table
from tests.seen.asking import asked

__all__ = ["clock", "database", "keys", "logging_as_before"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a deployment whose folders and keys exist."""
    make_keys(tmp_path / "keys")
    (tmp_path / "data").mkdir()
    return read_settings({PREFIX + "DATA_DIR": str(tmp_path / "data"), PREFIX + "KEYS_DIR": str(tmp_path / "keys")})


@pytest.fixture(autouse=True)
def _never_full_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget a full disk that another test met."""
    monkeypatch.setattr("bot.process.readiness._full_at", -100.0)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow: the kernel refuses every write beyond its first kilobyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def why_not(begin: Begin, settings: Settings) -> str:
    """The reason that `readiness` gives for not being ready; fails where it is ready."""
    with pytest.raises(NotReady) as refused:
        await readiness(begin, settings)
    return str(refused.value)


async def test_ready_where_all_is_there_and_a_halt_is_told(database: Database, settings: Settings) -> None:
    assert await readiness(database.begin, settings) == "ready"
    async with database.begin() as work:
        now = await work.database_now()
        await pace.halt(work, now, now + timedelta(seconds=600))
    said = await readiness(database.begin, settings)
    assert re.fullmatch(r"ready; nothing is sent for (59\d|600) s more: Telegram asked for a pause \(429\)", said)


async def test_records_that_do_not_open_are_told_and_none_at_all_is_no_readiness(
    database: Database, settings: Settings
) -> None:
    await live(database)
    assert await readiness(database.begin, settings) == "ready"
    async with database.begin() as work:
        record = table("record_keys").c.record_id
        first = select(record).order_by(record).limit(1).scalar_subquery()
        await work.run(update(table("record_keys")).where(record == first).values(wrapped=b"damaged"))
    assert await readiness(database.begin, settings) == "ready; 1 record keys can't be opened: see `doctor`"
    database.keys = fresh_keys()
    assert "put back your copy of BUURTSTEM_KEYS_DIR" in await why_not(database.begin, settings)


async def test_a_full_disk_is_named(settings: Settings, full_disk: None) -> None:
    said = disk_full(settings.data_dir)
    assert said is not None
    assert said.startswith("BUURTSTEM_DATA_DIR can't be written")


async def test_missing_keys_are_named(database: Database, settings: Settings) -> None:
    for file in settings.keys_dir.iterdir():
        file.unlink()
    said = await why_not(database.begin, settings)
    assert "KEYS_DIR" in said


async def test_another_form_is_named(sqlite_url: str, settings: Settings, database: Database) -> None:
    await asyncio.to_thread(migrate, database.url, "-1")
    said = await why_not(database.begin, settings)
    assert "migrate" in said


@asynccontextmanager
async def _falls(why: str) -> AsyncIterator[Work]:
    raise DatabaseAway(why)
    yield


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("SQLITE_FULL", "the disk of the database is full"),
        ("DiskFullError", "the disk of the database is full"),
        ("ConnectionRefusedError", "the database is away (nothing listens there"),
        ("SQLITE_BUSY", "the database is away (another program holds"),
        ("SomethingNew", "the database is away (SomethingNew)"),
    ],
)
async def test_a_database_that_is_away_is_told_with_its_cause(
    why: str, says: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin() -> AbstractAsyncContextManager[Work]:
        return _falls(why)

    monkeypatch.setattr("bot.process.readiness._full_at", -100.0)
    said = await why_not(begin, settings)
    assert said.startswith(says)
    assert why_away(DatabaseAway(why)).startswith(says)


def test_two_pollers_a_webhook_and_an_outage_are_told_apart() -> None:
    assert "another program polls" in _why_no_updates(Conflict("terminated by other getUpdates request"))
    assert "a webhook is set" in _why_no_updates(Conflict("can't use getUpdates method while webhook is active"))
    assert _why_no_updates(NetworkError("x")) == "Telegram is away (NetworkError)"


@pytest.mark.usefixtures("logging_as_before")
def test_a_line_has_its_zone_and_until_when_it_lasts(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging()
    logging.getLogger("buurtstem").warning("halted", extra={"lasts": 86_400})
    line = json.loads(capsys.readouterr().err)
    assert line["at"].endswith("+00:00")
    assert line["until"][:10] > line["at"][:10]


async def test_the_running_program_tells_that_it_started_serves_its_health_port_and_why_it_stopped(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with RunningBot(tmp_path, "http://127.0.0.1:9", sqlite_url) as bot:
        lines = [json.loads(line) for line in bot.log.read_text().splitlines() if line.startswith("{")]
        (started,) = [line for line in lines if line["event"].startswith("started: ")]
        assert started["role"] == "run"
        assert "SQLite, listens by polling" in started["event"]
        port = int(started["event"].rpartition(" ")[2])
        assert await asyncio.to_thread(asked, port, "healthz") == (200, "alive\n")
        assert await asyncio.to_thread(asked, port, "readyz") == (200, "ready\n")
        status, text = await asyncio.to_thread(asked, port, "metrics")
        assert status == 200
        assert "# HELP buurtstem_queue_age_seconds How long" in text
        assert 'buurtstem_info{role="run"' in text
        assert (await asyncio.to_thread(asked, bot.port, "metrics"))[0] == 404
        (bot.keys_dir / "pseudonyms.key").rename(tmp_path / "away.key")
        status, why = await asyncio.to_thread(asked, port, "readyz")
        assert status == 503
        assert "KEYS_DIR" in why
        assert await asyncio.to_thread(asked, bot.port, "readyz") == (503, "not ready\n")
        (tmp_path / "away.key").rename(bot.keys_dir / "pseudonyms.key")
    last = [json.loads(line) for line in bot.log.read_text().splitlines() if line.startswith("{")][-1]
    assert last["event"] == "stopped: SIGINT"
