"""Webhook: order within a chat, redelivery, Retry-After, the secret, a method in the answer, connections."""

import asyncio
from functools import partial

from aiohttp import web

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.checks import has_failed, redelivery, secret_header
from tests.simulator.client import Bot, Hook, Update, until


def texts(hook: Hook) -> list[str]:
    return [update["message"]["text"] for update in hook.heard]


async def test_a_failed_update_comes_again_at_once_and_then_later_and_later(telegram: Telegram) -> None:
    await redelivery(telegram)


async def test_the_secret_comes_in_its_header(telegram: Telegram) -> None:
    await secret_header(telegram)


async def test_the_next_update_of_a_chat_waits_for_the_former(bot: Bot, hook: Hook, amina: Phone, bilal: Phone) -> None:
    release = asyncio.Event()

    async def answers(update: Update) -> web.Response:
        if update["message"]["text"] == "een":
            await release.wait()
        return web.Response()

    hook.answers = answers
    await bot("setWebhook", url=hook.url)
    await bilal.says("warm")  # the first success opens the other connections
    await hook.wait_for(1)
    await amina.says("een")
    await amina.says("twee")
    await bilal.says("drie")
    await hook.wait_for(3)
    assert texts(hook) == ["warm", "een", "drie"]
    release.set()
    await hook.wait_for(4)
    assert texts(hook)[-1] == "twee"


async def test_a_press_overtakes_a_text_that_is_not_accepted(bot: Bot, hook: Hook, amina: Phone, bilal: Phone) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]}
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=keyboard)
    release = asyncio.Event()

    async def answers(update: Update) -> web.Response:
        if update.get("message", {}).get("text") == "traag":
            await release.wait()
        return web.Response()

    hook.answers = answers
    await bot("setWebhook", url=hook.url)
    await bilal.says("warm")
    await hook.wait_for(1)
    await amina.says("traag")
    await amina.taps("Ja")
    await hook.wait_for(3)
    assert hook.heard[2]["callback_query"]["data"] == "yes"
    assert await bot.waiting() == 1
    release.set()


async def test_retry_after_is_honoured(bot: Bot, telegram: Telegram, hook: Hook, amina: Phone) -> None:
    async def busy(_: Update) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "900"})

    hook.answers = busy
    await bot("setWebhook", url=hook.url)
    await amina.says("een")
    await hook.wait_for(1)

    async def noted() -> bool:
        return "last_error_message" in await bot("getWebhookInfo")

    await until(noted)
    await telegram.advance(880)
    sent = [entry for entry in await telegram.ledger() if entry["kind"] == "update_sent"]
    assert [entry["update_id"] for entry in sent].count(hook.heard[0]["update_id"]) == 1
    await telegram.advance(30)
    await hook.wait_for(2)


async def test_a_wished_retry_comes_before_its_pause_is_over(
    bot: Bot, telegram: Telegram, hook: Hook, amina: Phone
) -> None:
    async def busy(_: Update) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "900"})

    hook.answers = busy
    await bot("setWebhook", url=hook.url)
    await amina.says("een")
    await hook.wait_for(1)

    async def failed() -> bool:
        return any(entry["kind"] == "update_failed" for entry in await telegram.ledger())

    await until(failed)
    await telegram.retry()
    await hook.wait_for(2)


async def test_only_one_connection_until_the_first_success(bot: Bot, hook: Hook, amina: Phone, bilal: Phone) -> None:
    release = asyncio.Event()

    async def slow(_: Update) -> web.Response:
        await release.wait()
        return web.Response()

    hook.answers = slow
    await amina.says("een")
    await bilal.says("twee")
    await bot("setWebhook", url=hook.url, max_connections=2)
    await hook.wait_for(1)
    await bot("getMe")
    assert hook.most_at_once == 1
    release.set()
    await hook.wait_for(2)


async def test_max_connections_is_kept(bot: Bot, telegram: Telegram, hook: Hook) -> None:
    residents = [(await telegram.post("/sim/residents"))["id"] for _ in range(6)]
    release = asyncio.Event()

    async def slow(update: Update) -> web.Response:
        if update["message"]["text"] != "warm":
            await release.wait()
        return web.Response()

    hook.answers = slow
    await bot("setWebhook", url=hook.url, max_connections=3)
    await telegram.act([{"resident": residents[0], "kind": "text", "text": "warm"}])
    await hook.wait_for(1)
    await telegram.act([{"resident": resident, "kind": "text", "text": "dag"} for resident in residents])
    await hook.wait_for(4)
    await bot("getMe")
    assert hook.most_at_once == 3
    release.set()
    await hook.wait_for(7)
    assert hook.most_at_once == 3


async def test_a_method_in_the_answer_is_carried_out(bot: Bot, telegram: Telegram, hook: Hook, amina: Phone) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]}
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=keyboard)

    async def answers(update: Update) -> web.Response:
        if "callback_query" in update:
            query = update["callback_query"]["id"]
            return web.json_response({"method": "answerCallbackQuery", "callback_query_id": query, "text": "Dank u"})
        return web.json_response({"method": "sendMessage", "chat_id": amina.id, "text": "Hoi terug"})

    hook.answers = answers
    await bot("setWebhook", url=hook.url)
    await amina.taps("Ja")
    await amina.sees("Dank u")
    await amina.says("hoi")
    await amina.sees("Hoi terug")
    calls = [entry for entry in await telegram.ledger() if entry.get("via") == "webhook"]
    assert [call["method"] for call in calls] == ["answerCallbackQuery", "sendMessage"]
    assert await telegram.violations() == []


async def test_a_broken_connection_counts_as_a_failure(bot: Bot, telegram: Telegram, hook: Hook, amina: Phone) -> None:
    await amina.says("een")
    await telegram.thresholds(raised=True)
    await bot("setWebhook", url="http://127.0.0.1:9/nobody")

    async def noted() -> bool:
        return "connection closed" in (await bot("getWebhookInfo")).get("last_error_message", "")

    await until(noted)
    await bot("setWebhook", url=hook.url)
    await telegram.advance(120)
    await hook.wait_for(1)
    assert texts(hook) == ["een"]


async def test_dropping_pending_updates_drops_them(bot: Bot, hook: Hook, amina: Phone) -> None:
    await amina.says("een")
    await bot("setWebhook", url=hook.url, drop_pending_updates=True)
    await amina.says("twee")
    await hook.wait_for(1)
    assert texts(hook) == ["twee"]


async def test_wrong_webhook_settings_are_refused(bot: Bot) -> None:
    assert await bot.refused("setWebhook", url="ftp://x") == "Bad Request: invalid webhook URL specified"
    wrong = await bot.refused("setWebhook", url="http://127.0.0.1/x", secret_token="geheim!")
    assert wrong == "Bad Request: secret token contains unallowed characters"


async def test_gone_for_more_than_23_hours_removes_the_webhook(
    bot: Bot, telegram: Telegram, hook: Hook, amina: Phone
) -> None:
    async def gone(_: Update) -> web.Response:
        return web.Response(status=410)

    hook.answers = gone
    await bot("setWebhook", url=hook.url)
    await amina.says("een")
    await hook.wait_for(2)

    async def removed() -> bool:
        await telegram.advance(3600)
        await amina.says("nog eens")
        return not (await bot("getWebhookInfo"))["url"]

    await until(removed)


async def test_the_same_webhook_again_changes_nothing(bot: Bot, telegram: Telegram, hook: Hook, amina: Phone) -> None:
    async def busy(_: Update) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "900"})

    await telegram.thresholds(raised=True)
    hook.answers = busy
    await bot("setWebhook", url=hook.url)
    await amina.says("een")
    await hook.wait_for(1)
    await until(partial(has_failed, telegram, 1))
    await bot("setWebhook", url=hook.url)
    await bot("getMe")
    assert len(hook.heard) == 1
    await bot("setWebhook", url=hook.url, secret_token="nieuw")
    await hook.wait_for(2)


async def test_setwebhook_twice_in_a_second_is_too_fast(bot: Bot, hook: Hook) -> None:
    await bot("setWebhook", url=hook.url)
    assert await bot.refused("setWebhook", url=hook.url) == "Too Many Requests: retry after 1"
