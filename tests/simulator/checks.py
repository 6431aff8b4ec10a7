"""One check for each deliberate breakage: it passes on a sound local Telegram and fails on one broken that way."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot, Update, listening, until

Check = Callable[[Telegram], Awaitable[None]]


async def started(telegram: Telegram) -> tuple[Bot, Phone]:
    """A bot and a resident who has pressed Start; the bot has seen it."""
    bot = Bot(telegram)
    await bot("getMe")
    phone = await Phone.new(telegram.url, name="Amina", language_code="ar")
    await phone.starts()
    await bot.updates()
    return bot, phone


async def bot_command_entity(telegram: Telegram) -> None:
    """/start with a payload is a text with a bot_command entity over the command alone."""
    bot, phone = await started(telegram)
    async with phone:
        await phone.starts("nl_wildeman")
        message = (await bot.updates())[0]["message"]
    assert message["text"] == "/start nl_wildeman"
    assert message.get("entities") == [{"type": "bot_command", "offset": 0, "length": 6}]


async def secret_header(telegram: Telegram) -> None:
    """Every delivery carries the secret."""
    bot, phone = await started(telegram)
    async with phone, listening() as hook:
        await bot("setWebhook", url=hook.url, secret_token="een-lang-geheim_123")
        await phone.says("dag")
        await hook.wait_for(1)
        assert hook.secrets == ["een-lang-geheim_123"]


async def redelivery(telegram: Telegram) -> None:
    """An update that failed is sent again at once, then after 2 s, then after 4 s; only then the next one is sent."""
    bot, phone = await started(telegram)
    async with phone, listening() as hook:

        async def fails_three_times(_: Update) -> web.Response:
            return web.Response(status=500 if len(hook.heard) < 4 else 200)

        hook.answers = fails_three_times
        await bot("setWebhook", url=hook.url)
        await phone.says("een")
        await phone.says("twee")
        async with asyncio.timeout(3):
            await hook.wait_for(2)
        for failures, pause in ((2, 2), (3, 4)):
            await until(partial(has_failed, telegram, failures), seconds=3)
            assert len(hook.heard) == failures
            await telegram.advance(pause)
            await hook.wait_for(failures + 1)
        await hook.wait_for(5)
    heard = [update["message"]["text"] for update in hook.heard]
    assert heard == ["een", "een", "een", "een", "twee"]
    assert len({update["update_id"] for update in hook.heard}) == 2


async def has_failed(telegram: Telegram, times: int) -> bool:
    """Whether the ledger notes that many failed deliveries, or more."""
    return [entry["kind"] for entry in await telegram.ledger()].count("update_failed") >= times


async def utf16_offsets(telegram: Telegram) -> None:
    """Entity offsets and lengths count UTF-16 units: an emoji is two."""
    bot, phone = await started(telegram)
    async with phone:
        sent = await bot("sendMessage", chat_id=phone.id, text="🔊 <b>luister 🏠</b>", parse_mode="HTML")
        assert sent["entities"] == [{"type": "bold", "offset": 3, "length": 10}]
        await phone.says("🔊🔊 /start")
        assert (await bot.updates())[0]["message"]["entities"] == [{"type": "bot_command", "offset": 5, "length": 6}]


async def callback_data_bytes(telegram: Telegram) -> None:
    """callback_data is 1-64 bytes, not characters: 32 Arabic letters pass, 33 do not."""
    bot, phone = await started(telegram)
    async with phone:
        for letters, passes in ((32, True), (33, False)):
            keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "ن" * letters}]]}
            answer = await telegram.call(bot.token, "sendMessage", chat_id=phone.id, text="x", reply_markup=keyboard)
            assert answer["ok"] == passes
            assert passes or answer["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def rate_limit(telegram: Telegram) -> None:
    """The sixth message of a burst to one chat is a 429 with retry_after."""
    bot, phone = await started(telegram)
    async with phone:
        for _ in range(5):
            await bot("sendMessage", chat_id=phone.id, text="dag")
        answer = await telegram.call(bot.token, "sendMessage", chat_id=phone.id, text="dag")
        assert answer.get("error_code") == 429
        assert answer["parameters"]["retry_after"] >= 1


CHECKS: dict[str, Check] = {
    "no_bot_command_entity": bot_command_entity,
    "no_secret_header": secret_header,
    "no_redelivery": redelivery,
    "code_points_for_utf16": utf16_offsets,
    "characters_for_bytes": callback_data_bytes,
    "no_rate_limit": rate_limit,
}
