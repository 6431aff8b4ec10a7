"""20,000 deliveries, each update 1 to 5 times, shuffled within 100, over 8 connections: the same state as in order."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.process.clock import make_clock
from domain.sealing import KeyRing
from handlers.telegram.reaches import reach_of
from locales.texts import bare, say
from services.people import residents
from services.rights import erasing
from storage.engine.database import Database
from storage.engine.unit_of_work import table_of
from storage.people.residents import PersonTable
from tests.faults.running import SECRET, RunningBot, WatchedTelegram

DELIVERIES = 20_000
MOST_TIMES = 5
WITHIN = 100
CONNECTIONS = 8
# More residents than the shuffle reaches: a chat's own updates keep their order, as Telegram keeps it.
RESIDENTS = 500

Update = dict[str, Any]


def text(resident: int, words: str) -> Update:
    """An update with a message of this resident, without its update_id and message_id."""
    person = {"id": 1000 + resident, "is_bot": False, "first_name": "Bewoner", "language_code": "nl"}
    command = [{"type": "bot_command", "offset": 0, "length": len(words)}] if words[0] == "/" else []
    return {
        "message": {
            "date": 1795000000, "chat": {"id": person["id"], "type": "private", "first_name": "Bewoner"},
            "from": person, "text": words, "entities": command,
        }
    }  # fmt: skip


def press(resident: int, data: str) -> Update:
    """An update with a press on a message of the bot, without its update_id."""
    told = text(resident, "x")["message"]
    message = {"message_id": 5, "date": told["date"], "chat": told["chat"], "text": "x"}
    return {"callback_query": {"id": "0", "from": told["from"], "message": message, "chat_instance": "1", "data": data}}


def script(resident: int) -> Iterator[Update]:
    """A resident's life in 9 updates: presses and typed buttons, mixed."""

    def button(key: str) -> str:
        return bare(say("nl", key))

    yield text(resident, "/start")
    yield press(resident, "g:language:nl") if resident % 2 else text(resident, "Nederlands")
    yield press(resident, "g:accept:")
    yield press(resident, "g:report:") if resident % 3 else text(resident, "/melden")
    yield text(resident, f"Het verhaal van {resident}")
    yield text(resident, "2")
    yield text(resident, button("screens.button.summary"))
    yield text(resident, button("screens.button.send")) if resident % 5 else text(resident, "/cancel")
    yield text(resident, "/taal")


def updates() -> list[Update]:
    """All lives side by side, numbered as Telegram numbers them."""
    lives = [list(script(resident)) for resident in range(RESIDENTS)]
    found = [update for turn in zip(*lives, strict=True) for update in turn]
    for number, update in enumerate(found):
        update["update_id"] = 7_000_000 + number
        if "message" in update:
            update["message"]["message_id"] = 10 + number
        else:
            update["callback_query"]["id"] = str(number)
    return found


def deliveries(found: list[Update], chance: random.Random) -> list[Update]:
    """Each update 1 to 5 times, DELIVERIES in all, none more than 100 places from where it belongs."""
    times = [chance.randint(1, MOST_TIMES) for _ in found]
    while (missing := DELIVERIES - sum(times)) != 0:
        place, step = chance.randrange(len(times)), 1 if missing > 0 else -1
        times[place] = min(MOST_TIMES, max(1, times[place] + step))
    line = [update for update, count in zip(found, times, strict=True) for _ in range(count)]
    placed = sorted(enumerate(line), key=lambda pair: pair[0] + chance.random() * WITHIN)
    return [update for _, update in placed]


async def deliver(url: str, line: list[Update], connections: int) -> None:
    """Deliver over so many connections; each takes the next one that waits."""
    waiting = iter(line)
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}

    async def connection(session: aiohttp.ClientSession) -> None:
        for update in waiting:
            async with session.post(f"{url}/telegram", json=update, headers=headers) as answer:
                assert answer.status == 200

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(connection(session))


async def state(url: str, keys: KeyRing) -> dict[int, Any]:
    """What is kept of each resident, without what is random: ids, codes, threads, serials."""
    database = Database(url, keys, make_clock(""))
    found: dict[int, Any] = {}
    try:
        async with database.begin() as work:
            known = len((await work.run(select(table_of(PersonTable).c.tag))).all())
            for resident in range(RESIDENTS):
                who = await residents.arrive(work, reach_of(1000 + resident), None)
                kept = residents.conversation(who)
                told = (await erasing.my_data(work, who))["signals"]
                for one in told:
                    one.pop("code")
                found[resident] = (who.language, who.language_chosen, who.warned, sorted(kept or {}), told)
            assert known == RESIDENTS
    finally:
        await database.close()
    return found


async def after(folder: Path, database_url: str, line: list[Update], connections: int) -> dict[int, Any]:
    """The state after these deliveries to a bot of its own."""
    async with WatchedTelegram("--thresholds", "raised") as telegram:
        # What is sent does not matter here: a pause that Telegram asks for keeps the speaker still.
        for method in ("sendMessage", "editMessageText"):
            await telegram.fault(method=method, when="before", kind="429", retry_after=900)
        async with RunningBot(folder, telegram.url, database_url, listen="webhook") as bot:
            await deliver(bot.url, line, connections)
    return await state(database_url, bot.keys)


@pytest.fixture(scope="module")
def in_order(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Any]:
    """The state after every update once, in order, over one connection."""
    folder = tmp_path_factory.mktemp("order")
    shutil.copytree(migrated_sqlite, folder / "database")
    url = f"sqlite+aiosqlite:///{folder}/database/buurtstem.db"
    return asyncio.run(after(folder, url, updates(), connections=1))


async def test_a_storm_of_deliveries_ends_in_the_state_of_in_order(
    in_order: dict[int, Any], database_url: str, tmp_path: Path
) -> None:
    storm = deliveries(updates(), random.Random(3))
    assert len(storm) == DELIVERIES
    assert await after(tmp_path, database_url, storm, CONNECTIONS) == in_order
    assert sum(len(told) for *_, told in in_order.values()) == RESIDENTS - RESIDENTS // 5
