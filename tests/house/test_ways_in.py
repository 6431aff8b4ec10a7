"""How Telegram delivers is compared with how the program listens: each difference is a line that says what to do."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from telegram import WebhookInfo

from bot.commands import doctor
from bot.listening.ways_in import differences, pollers
from bot.process.keys import make_keys
from bot.settings import PREFIX, Settings, read_settings
from simulator.phone import LocalTelegram
from tests.faults.running import RunningBot
from tests.opened import NOW, logging_as_before

__all__ = ["logging_as_before"]

SECRET = "a-secret-of-more-than-32-characters-0123"
HERE = "http://127.0.0.1:8080/telegram"
TOKEN = "424242:a-token-for-tests"


def settings(**given: str) -> Settings:
    given = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:9", **given}
    return read_settings({PREFIX + name: value for name, value in given.items()})


def hook() -> Settings:
    return settings(LISTEN="webhook", WEBHOOK_URL=HERE, WEBHOOK_SECRET=SECRET)


def info(url: str = "", pending: int = 0, error: str = "", at: datetime = NOW) -> WebhookInfo:
    return WebhookInfo(url, False, pending, last_error_date=at if error else None, last_error_message=error or None)


def test_nothing_is_said_where_both_agree() -> None:
    assert differences(info(), settings(), NOW) == []
    assert differences(info(HERE, 5), hook(), NOW) == []
    assert differences(info(HERE, error="Wrong response", at=NOW - timedelta(hours=2)), hook(), NOW) == []


@pytest.mark.parametrize(
    ("given", "found", "says"),
    [
        (
            settings,
            info("https://old.example/telegram?secret=1"),
            "webhook at old.example/telegram, and BUURTSTEM_LISTEN",
        ),
        (hook, info(), "sends updates nowhere, not to 127.0.0.1/telegram"),
        (hook, info("https://bot.example/hook"), "to bot.example/hook, not to"),
        (hook, info(HERE, error="Connection refused\nx"), r"could not deliver .*Connection refused x.*127.0.0.1:8080"),
        (settings, info(pending=5000), "5000 updates wait"),
    ],
)
def test_each_difference_is_one_line(given: Callable[[], Settings], found: WebhookInfo, says: str) -> None:
    (line,) = differences(found, given(), NOW)
    assert re.search(says, line)
    assert "\n" not in line
    assert "secret=1" not in line


def test_two_pollers_are_named_and_others_are_not() -> None:
    assert pollers([("run", "a"), ("web", "b"), ("work", "c")]) is None
    said = pollers([("run", "a, process 1"), ("listen", "b, process 2")])
    assert said is not None
    assert "run on a, process 1; listen on b, process 2" in said


async def test_the_doctor_sees_a_webhook_that_points_elsewhere(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_as_before: None
) -> None:
    make_keys(tmp_path / "keys")
    async with LocalTelegram() as telegram:
        bot = RunningBot(tmp_path / "bot", telegram.url, sqlite_url)
        for name, value in bot.environment().items():
            monkeypatch.setenv(name, value)
        await telegram.call(TOKEN, "setWebhook", url="https://elsewhere.example/hook")
        line = await doctor._telegram(read_settings())
    assert line[:2] == ("telegram", False)
    assert "elsewhere.example/hook" in line[2]
