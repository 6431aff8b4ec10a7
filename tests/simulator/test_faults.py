"""Faults on order, before and after the effect; the ledger tells the truth about them."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import TOKEN, Bot


async def send(telegram: Telegram, phone: Phone) -> tuple[int, str]:
    """One attempt with a client that does not repeat by itself."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.url}/bot{TOKEN}/sendMessage", json={"chat_id": phone.id, "text": "dag"}) as answer,
    ):
        return answer.status, await answer.text()


async def arrived(phone: Phone) -> int:
    return sum(message.get("text") == "dag" for message in (await phone.chat())["messages"])


@pytest.mark.parametrize(("when", "messages"), [("before", 0), ("after", 1)])
async def test_a_dropped_answer_may_hide_an_effect(
    telegram: Telegram, bot: Bot, amina: Phone, when: str, messages: int
) -> None:
    await telegram.fault(method="sendMessage", when=when, kind="drop", times=1)
    with pytest.raises(aiohttp.ClientError):
        await send(telegram, amina)
    assert await arrived(amina) == messages
    call = (await telegram.ledger())[-1]
    assert (call["method"], call.get("lost", False), "message_id" in call) == (
        "sendMessage",
        when == "after",
        messages == 1,
    )
    assert (await send(telegram, amina))[0] == 200


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_wrong_status_or_garbage_can_be_answered(telegram: Telegram, bot: Bot, amina: Phone, when: str) -> None:
    await telegram.fault(method="sendMessage", when=when, kind="status", status=502, times=1)
    assert (await send(telegram, amina))[0] == 502
    await telegram.fault(method="*", when=when, kind="garbage", times=1)
    assert (await send(telegram, amina))[1].startswith("<html>")
    assert await arrived(amina) == (2 if when == "after" else 0)


async def test_a_429_can_be_ordered(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await telegram.fault(method="sendMessage", kind="429", retry_after=7, times=1)
    answer = await telegram.call(TOKEN, "sendMessage", chat_id=amina.id, text="dag")
    assert answer["parameters"] == {"retry_after": 7}


async def test_an_answer_can_be_late(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await telegram.fault(method="sendMessage", when="after", kind="delay", seconds=0.3, times=1)
    start = time.monotonic()
    slow = asyncio.ensure_future(send(telegram, amina))
    await amina.sees("dag")
    assert not slow.done()
    assert (await slow)[0] == 200
    assert time.monotonic() - start >= 0.3


async def test_a_fault_can_be_for_one_chat_and_by_chance(
    telegram: Telegram, bot: Bot, amina: Phone, bilal: Phone
) -> None:
    await telegram.fault(chat=amina.id, kind="status", status=500)
    await telegram.fault(kind="status", status=500, probability=0)
    assert [(await send(telegram, phone))[0] for phone in (amina, bilal)] == [500, 200]
    await telegram.no_faults()
    assert (await send(telegram, amina))[0] == 200


@pytest.mark.parametrize("wrong", [{"kind": "fire"}, {"when": "never"}, {"colour": 1}])
async def test_a_fault_that_is_none_is_refused(telegram: Telegram, wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="error"):
        await telegram.fault(**wrong)


async def test_latency_slows_every_request(telegram: Telegram, bot: Bot) -> None:
    await telegram.post("/sim/latency", seconds=0.2)
    start = time.monotonic()
    await bot("getMe")
    assert time.monotonic() - start >= 0.2


async def test_the_ledger_tells_each_update_and_each_call(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    before = (await telegram.ledger())[-1]["n"]
    await amina.says("dag")
    update_id = (await bot.updates())[0]["update_id"]
    sent = await bot("sendMessage", chat_id=amina.id, text="Hoi")
    entries = await telegram.ledger(after=before)
    assert [(entry["kind"], entry.get("update_id")) for entry in entries[:3]] == [
        ("update_made", update_id),
        ("update_sent", update_id),
        ("update_accepted", update_id),
    ]
    call = entries[3]
    facts = {"method": "sendMessage", "ok": True, "status": 200, "chat": amina.id, "message_id": sent["message_id"]}
    assert {**call, **facts, "text": "Hoi"} == call
