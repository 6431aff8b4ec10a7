"""Too fast is a 429 that says how long to wait; the thresholds can be raised."""

import aiohttp

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.checks import rate_limit
from tests.simulator.client import TOKEN, Bot, until


async def test_a_burst_to_one_chat_ends_in_a_429(telegram: Telegram) -> None:
    await rate_limit(telegram)


async def test_a_429_says_when_in_the_body_and_in_a_header(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await telegram.thresholds(chat_burst=1)
    await bot("sendMessage", chat_id=amina.id, text="een")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.url}/bot{TOKEN}/sendMessage", json={"chat_id": amina.id, "text": "twee"}) as answer,
    ):
        body = await answer.json()
    assert answer.status == 429
    assert body["description"] == f"Too Many Requests: retry after {body['parameters']['retry_after']}"
    assert answer.headers["Retry-After"] == str(body["parameters"]["retry_after"])


async def test_after_the_wait_it_passes(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await telegram.thresholds(chat_burst=1)
    await bot("sendMessage", chat_id=amina.id, text="een")
    await bot.refused("sendMessage", chat_id=amina.id, text="twee")

    async def passes() -> bool:
        return bool((await telegram.call(TOKEN, "sendMessage", chat_id=amina.id, text="drie"))["ok"])

    await until(passes)
    assert [message["text"] for message in (await amina.chat())["messages"]] == ["/start", "een", "drie"]


async def test_overall_pace_is_30_in_any_second(telegram: Telegram, bot: Bot) -> None:
    residents = [(await telegram.post("/sim/residents"))["id"] for _ in range(31)]
    await telegram.act([{"resident": resident, "kind": "start"} for resident in residents])
    answers = [await telegram.call(TOKEN, "sendMessage", chat_id=resident, text="dag") for resident in residents]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]
    assert answers[-1]["parameters"] == {"retry_after": 1}


async def test_a_group_takes_20_messages_a_minute(telegram: Telegram, bot: Bot) -> None:
    await telegram.thresholds(chat_burst=1000)
    group = (await telegram.post("/sim/groups", title="Buren"))["id"]
    await telegram.post(f"/sim/groups/{group}/actions", kind="add_bot")
    for _ in range(20):
        await bot("sendMessage", chat_id=group, text="dag")
    answer = await telegram.call(TOKEN, "sendMessage", chat_id=group, text="dag")
    assert 50 <= answer["parameters"]["retry_after"] <= 60


async def test_thresholds_can_be_raised_and_brought_back(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    assert (await telegram.thresholds(raised=True))["raised"]
    for _ in range(50):
        await bot("sendMessage", chat_id=amina.id, text="dag")
    assert (await telegram.thresholds(raised=False)) == {
        "overall_per_second": 30,
        "chat_per_second": 1,
        "chat_burst": 5,
        "group_per_minute": 20,
        "raised": False,
    }


async def test_edits_and_answers_have_no_pace(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await telegram.thresholds(chat_burst=1)
    sent = await bot("sendMessage", chat_id=amina.id, text="0")
    for number in range(1, 5):
        await bot("editMessageText", chat_id=amina.id, message_id=sent["message_id"], text=str(number))
    await amina.sees("4")
