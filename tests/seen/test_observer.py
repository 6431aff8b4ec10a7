"""The observer looks up for /metrics and the log: the outbox, its age, a halt, a database that is away and back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.process import metrics
from bot.process.keys import make_keys
from bot.running import observer
from bot.running.observer import VERSION, Observer
from bot.settings import PREFIX, read_settings
from bot.wiring import House, plug
from domain.screens import Screen, Text
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.work import DatabaseAway, Work
from storage.outbox import pace
from tests.parts import ROOT


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The program's parts wired together (bot.wiring.House), without running it."""
    make_keys(tmp_path / "keys")
    given = {"DATABASE_URL": database_url, "DATA_DIR": tmp_path / "data", "KEYS_DIR": tmp_path / "keys"}
    house = plug(read_settings({PREFIX + name: str(value) for name, value in {**given, "HEALTH_PORT": 0}.items()}))
    yield house
    await house.close()


def shown(series: str, **labels: str) -> float:
    """The present value of a series; its name goes without the prefix `buurtstem_`."""
    value = metrics.REGISTRY.get_sample_value(f"buurtstem_{series}", labels)
    assert value is not None
    return value


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The log lines since the previous call."""
    lines = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return lines


async def test_the_oldest_answer_its_age_and_a_halt_are_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Observer(house.settings, "work")
    monkeypatch.setattr(observer, "_OLD", 0.0)
    await seen.look(house)
    assert (shown("outbox", state="waiting"), shown("queue_age_seconds"), shown("halt_seconds")) == (0, 0, 0)
    async with house.begin() as work:
        await saying.show(work, reach_of(1001), Screen((Text("screens.sorry"),)))
    await seen.look(house)
    assert (shown("outbox", state="waiting"), told(caplog)) == (1, [])
    await seen.look(house)
    assert shown("queue_age_seconds") > 0
    (line,) = told(caplog)
    assert line.startswith("the oldest answer waits for ")
    assert line.endswith("is Telegram away, does `work` run?")
    async with house.begin() as work:
        now = await work.database_now()
        await pace.halt(work, now, now + timedelta(seconds=600))
    await seen.look(house)
    assert 500 < shown("halt_seconds") <= 600
    assert told(caplog)[0].endswith("Telegram asked for a pause (429)")
    seen.health.close()


async def test_a_database_that_is_away_and_back_is_told_once_with_its_cause(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def away() -> AsyncIterator[Work]:
        raise DatabaseAway("SQLITE_FULL")
        yield

    caplog.set_level("INFO", "buurtstem.observer")
    seen = Observer(house.settings, "work")
    with monkeypatch.context() as broken:
        broken.setattr(house.database, "reading", away)
        before = shown("database_away_seconds_total")
        await seen.look(house)
        await seen.look(house)
    assert told(caplog) == ["the disk of the database is full (SQLITE_FULL): make room"]
    assert shown("database_up") == 0
    assert shown("database_away_seconds_total") > before
    await seen.look(house)
    assert (told(caplog), shown("database_up")) == (["the database is back"], 1)
    seen.health.close()


def test_the_version_is_that_of_the_project() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
