"""The control API: the clock, bots, events, reset, and clear error messages for wrong requests."""

import asyncio

import aiohttp
import pytest

from simulator.ledger import Ledger
from simulator.local_telegram import Telegram
from simulator.people import MESSAGES_KEPT, Chat, Message, News, Resident
from simulator.phone import Phone
from simulator.view import wait_for_news
from tests.simulator.client import Bot


async def test_the_clock_can_be_set_and_advanced(telegram: Telegram) -> None:
    start = (await telegram.get("/sim/clock"))["now"]
    assert await telegram.advance(100) >= start + 100
    assert (await telegram.post("/sim/clock", offset=-3600))["now"] < start


async def test_messages_carry_the_simulated_date(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    now = await telegram.advance(10 * 86_400)
    assert abs((await bot("sendMessage", chat_id=amina.id, text="x"))["date"] - now) < 60


async def test_bots_show_what_they_told_about_themselves(bot: Bot, telegram: Telegram) -> None:
    await bot("setMyName", name="Buurtstem")
    await bot("setMyCommands", commands=[{"command": "wis", "description": "x"}], language_code="nl")
    shown = (await telegram.bots())[0]
    assert (shown["id"], shown["first_name"], shown["webhook"]) == (4242, "Buurtstem", None)
    assert shown["commands"][0]["language_code"] == "nl"


async def test_events_name_the_residents_whose_chat_changed(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    version = (await telegram.get("/sim/events"))["version"]
    waiting = asyncio.ensure_future(telegram.get("/sim/events", after=version, wait=10))
    await bot("sendMessage", chat_id=amina.id, text="x")
    assert (await waiting)["residents"] == [amina.id]


async def test_reset_takes_everything_away(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await telegram.advance(1000)
    await telegram.reset()
    assert await telegram.get("/sim/residents") == []
    assert await telegram.bots() == []
    assert (await telegram.get("/sim/clock"))["offset"] == 0
    assert await telegram.ledger() == []


@pytest.mark.parametrize(
    ("path", "wish", "words"),
    [
        ("/sim/thresholds", {"speed": 5}, "speed"),
        ("/sim/breakages", {"name": "everything"}, "a breakage is one of"),
        ("/sim/delivery", {"duplicates": [3, 1]}, "min <= max"),
        ("/sim/delivery", {"duplicates": 3}, "[min, max]"),
        ("/sim/groups/5/actions", {"kind": "migrate"}, "no group"),
        ("/sim/residents/5/actions", {"kind": "text"}, "no resident"),
        ("/sim/actions", {"actions": [{"kind": "text"}]}, "resident"),
        ("/sim/clock", {"advance": "soon"}, "number"),
    ],
)
async def test_wrong_wishes_get_clear_words(telegram: Telegram, path: str, wish: dict[str, object], words: str) -> None:
    async with aiohttp.ClientSession(telegram.url) as session, session.post(path, json=wish) as answer:
        assert answer.status == 400
        assert words in (await answer.json())["error"]


async def test_a_body_that_is_no_json_gets_clear_words(telegram: Telegram) -> None:
    async with aiohttp.ClientSession(telegram.url) as session:
        for body in (b"{", b"[]"):
            async with session.post("/sim/clock", data=body) as answer:
                assert answer.status == 400


def test_the_ledger_keeps_its_newest_entries_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.ledger.KEPT_ENTRIES", 3)
    ledger = Ledger(lambda: 0.0)
    for _ in range(5):
        ledger.add("call")
    assert [entry["n"] for entry in ledger.after(0, 100)] == [3, 4, 5]
    assert [entry["n"] for entry in ledger.after(3, 1)] == [4]


async def test_a_chat_keeps_its_newest_messages_only() -> None:
    chat = Chat(1, Resident(1, "Amina"), News())
    for number in range(MESSAGES_KEPT + 10):
        chat.put(Message(number, {"id": 1}, False, 0, {"text": "x"}))
    assert (len(chat.messages), min(chat.messages)) == (MESSAGES_KEPT, 10)
    await wait_for_news(chat, after=0, seconds=60)
