"""A database belongs to one bot: a start with another bot's token, or none, is refused in one line, changes nothing."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.commands.adopt import main as adopt
from bot.commands.command import with_settings
from bot.process.keys import make_keys, read_keys
from bot.settings import LOCAL_TOKEN, PREFIX, Settings
from bot.wiring import check_bot, plug, prepare_database
from storage.engine.database import is_newest, migrate
from tests.lives import live
from tests.opened import everything, logging_as_before, opened
from tests.parts import ROOT, surroundings

__all__ = ["logging_as_before"]

OURS, THEIRS = "100001:a-token-of-our-own-bot", "100002:a-token-of-another-bot"
Set = Callable[..., None]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_as_before: None) -> Set:
    """A function that sets settings by name; a deployment's keys and database are set already."""

    def put(**given: object) -> None:
        for name, value in given.items():
            monkeypatch.setenv(PREFIX + name, str(value))

    make_keys(tmp_path / "keys")
    put(KEYS_DIR=tmp_path / "keys", DATA_DIR=tmp_path / "data", DATABASE_URL=database_url)
    put(TELEGRAM_API_URL="http://127.0.0.1:9")
    return put


def start() -> int:
    """Do what every start does before it serves or sends; its exit status."""

    async def taken(settings: Settings) -> int:
        house = plug(settings)
        try:
            await house.check("run")
        finally:
            await house.close()
        return 0

    def act(settings: Settings) -> int:
        check_bot(settings)
        prepare_database(settings)
        return asyncio.run(taken(settings))

    return with_settings(act)


async def rows(url: str, keys: Path) -> dict[str, object]:
    """Table -> all its rows, except the table of running processes."""
    async with opened(url, read_keys(keys)) as database, database.reading() as work:
        return {name: found for name, found in (await everything(work)).items() if name != "processes"}


async def newest(url: str, keys: Path) -> bool:
    async with opened(url, read_keys(keys)) as database, database.reading() as work:
        return await is_newest(work)


async def a_life(url: str, keys: Path) -> None:
    async with opened(url, read_keys(keys)) as database:
        await live(database)


def refused(url: str, keys: Path, capsys: pytest.CaptureFixture[str]) -> str:
    before = asyncio.run(rows(url, keys))
    assert start() == 2
    assert asyncio.run(rows(url, keys)) == before
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"{PREFIX}DATABASE_URL: ")
    return said


def test_real_data_is_refused_to_another_bot_and_to_none(
    settings: Set, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(BOT_TOKEN=OURS)
    assert start() == 0
    settings(BOT_TOKEN=THEIRS)
    assert "belongs to bot 100001 and BUURTSTEM_BOT_TOKEN is of bot 100002" in refused(
        database_url, tmp_path / "keys", capsys
    )
    settings(BOT_TOKEN=LOCAL_TOKEN)
    assert "there is no BUURTSTEM_BOT_TOKEN" in refused(database_url, tmp_path / "keys", capsys)
    settings(BOT_TOKEN="100001:a-new-token-of-the-same-bot")
    assert start() == 0


def test_data_from_before_the_first_start_is_no_demonstration(
    settings: Set, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(a_life(database_url, tmp_path / "keys"))
    settings(BOT_TOKEN=LOCAL_TOKEN)
    assert "holds data of no demonstration" in refused(database_url, tmp_path / "keys", capsys)
    settings(BOT_TOKEN=OURS)
    assert start() == 0


def test_a_demonstration_is_refused_to_a_real_bot_also_on_purpose(
    settings: Set, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(BOT_TOKEN=LOCAL_TOKEN)
    assert start() == start() == 0
    settings(BOT_TOKEN=OURS)
    assert "holds a demonstration" in refused(database_url, tmp_path / "keys", capsys)
    assert adopt(["--yes"]) == 2
    assert "holds a demonstration" in capsys.readouterr().err
    settings(BOT_TOKEN=LOCAL_TOKEN)
    assert adopt(["--yes"]) == 2


def test_a_database_of_an_older_form_is_refused_before_it_is_brought_to_the_newest(
    settings: Set, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(a_life(database_url, tmp_path / "keys"))
    migrate(database_url, "-1")
    settings(BOT_TOKEN=LOCAL_TOKEN)
    assert start() == 2
    assert "holds data of no demonstration" in capsys.readouterr().err
    assert not asyncio.run(newest(database_url, tmp_path / "keys"))


def test_a_new_bot_is_adopted_on_purpose_and_what_dies_is_said(
    settings: Set, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(BOT_TOKEN=OURS)
    asyncio.run(a_life(database_url, tmp_path / "keys"))
    assert start() == 0
    settings(BOT_TOKEN=THEIRS)
    before = asyncio.run(rows(database_url, tmp_path / "keys"))
    assert adopt([]) == 1
    assert asyncio.run(rows(database_url, tmp_path / "keys")) == before
    said = capsys.readouterr().out
    assert "belongs to bot 100001" in said
    assert "1 residents can't be reached" in said
    assert "2 messages that were still to be said" in said
    assert adopt(["--yes"]) == 0
    assert "belongs to bot 100002 now" in capsys.readouterr().out
    after = asyncio.run(rows(database_url, tmp_path / "keys"))
    assert after["done_updates"] == after["phone_messages"] == []
    assert after["signals"] == before["signals"]
    assert start() == 0
    assert adopt(["--yes"]) == 0
    assert "already" in capsys.readouterr().out
    settings(BOT_TOKEN=OURS)
    assert start() == 2


@pytest.mark.parametrize("role", ["run", "web", "listen", "work"])
def test_every_role_refuses_the_data_of_another_bot(role: str, postgres_url: str, tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    environment = {
        **surroundings(),
        **{
            PREFIX + name: value
            for name, value in {
                "DATABASE_URL": postgres_url, "KEYS_DIR": str(tmp_path / "keys"), "DATA_DIR": str(tmp_path / "data"),
                "HTTP_PORT": "0", "HEALTH_PORT": "0", "SIMULATOR_PORT": "0",
            }.items()
        },
    }  # fmt: skip
    asyncio.run(a_life(postgres_url, tmp_path / "keys"))
    before = asyncio.run(rows(postgres_url, tmp_path / "keys"))
    done = subprocess.run(
        [sys.executable, "-m", "bot", role],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "holds data of no demonstration" in done.stderr
    assert asyncio.run(rows(postgres_url, tmp_path / "keys")) == before
