"""getUpdates: offsets, limits, waiting, and who may poll."""

import asyncio
import time

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot, Hook


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(bot: Bot, amina: Phone) -> None:
    await amina.says("een")
    first = await bot("getUpdates", timeout=5)
    again = await bot("getUpdates", offset=first[0]["update_id"], timeout=5)
    assert [update["update_id"] for update in again] == [first[0]["update_id"]]
    assert await bot.waiting() == 1
    await amina.says("twee")
    confirmed = await bot("getUpdates", offset=first[0]["update_id"] + 1, timeout=5)
    assert [update["message"]["text"] for update in confirmed] == ["twee"]


async def test_update_ids_rise_by_one(bot: Bot, amina: Phone) -> None:
    for text in ("een", "twee", "drie"):
        await amina.says(text)
    ids = [update["update_id"] for update in await bot.updates(3)]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]


async def test_a_negative_offset_keeps_only_the_last(bot: Bot, amina: Phone) -> None:
    for text in ("een", "twee", "drie"):
        await amina.says(text)
    assert [update["message"]["text"] for update in await bot("getUpdates", offset=-2)] == ["twee", "drie"]
    assert await bot.waiting() == 2


async def test_an_offset_from_the_future_confirms_nothing(bot: Bot, amina: Phone) -> None:
    await amina.says("een")
    assert len(await bot("getUpdates", offset=2_000_000_000)) == 1
    assert await bot.waiting() == 1


async def test_limit_cuts_the_batch(bot: Bot, amina: Phone) -> None:
    for text in ("een", "twee", "drie"):
        await amina.says(text)
    assert len(await bot("getUpdates", offset=1, limit=2)) == 2


async def test_a_long_poll_wakes_at_once(bot: Bot, amina: Phone) -> None:
    poll = asyncio.ensure_future(bot("getUpdates", offset=-1, timeout=30))
    await amina.says("dag")
    start = time.monotonic()
    assert (await poll)[0]["message"]["text"] == "dag"
    assert time.monotonic() - start < 5


async def test_a_second_poller_ends_the_first_with_409(bot: Bot, amina: Phone, telegram: Telegram) -> None:
    async def poll() -> tuple[str, bool]:
        answer = await telegram.call(bot.token, "getUpdates", timeout=30)
        return str(answer.get("description", "")), bool(answer["ok"])

    polls = {asyncio.ensure_future(poll()), asyncio.ensure_future(poll())}
    done, left = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    assert done.pop().result() == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        False,
    )
    await amina.says("dag")
    assert (await left.pop())[1]


async def test_getupdates_is_refused_while_a_webhook_is_set(bot: Bot, hook: Hook) -> None:
    await bot("setWebhook", url=hook.url)
    assert (await bot.refused("getUpdates")).startswith("Conflict: can't use getUpdates method while webhook is active")
    await bot("deleteWebhook")
    assert await bot("getUpdates", offset=7, timeout=0) == []


async def test_setting_a_webhook_ends_the_poll_that_waits(bot: Bot, telegram: Telegram, hook: Hook) -> None:
    await telegram.thresholds(raised=True)
    poll = asyncio.ensure_future(bot.refused("getUpdates", timeout=30))
    await asyncio.sleep(0)
    while not poll.done():
        await bot("setWebhook", url=hook.url)
        await bot("deleteWebhook")
    assert "terminated by setWebhook request" in await poll or "webhook is active" in await poll


async def test_only_allowed_updates_come(bot: Bot, amina: Phone) -> None:
    await bot("getUpdates", offset=1, allowed_updates=["callback_query"], timeout=0)
    await amina.says("dag")
    assert await bot.waiting() == 0
    await bot("getUpdates", offset=2, allowed_updates=[], timeout=0)
    await amina.says("dag")
    assert await bot.waiting() == 1


async def test_who_asks_the_same_offset_again_at_once_gets_one_update(bot: Bot, amina: Phone) -> None:
    for text in ("een", "twee"):
        await amina.says(text)
    assert len(await bot("getUpdates", offset=5)) == 2
    assert len(await bot("getUpdates", offset=5)) == 1
