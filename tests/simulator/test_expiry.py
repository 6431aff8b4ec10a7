"""Updates and presses that are too old are dropped silently; after a quiet week the next update_id is random."""

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot

KEYBOARD = {"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]}
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_a_message_waits_24_hours_for_the_bot(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await amina.says("dag")
    await telegram.advance(86_390)
    assert await bot.waiting() == 1
    await telegram.advance(20)
    assert await bot.waiting() == 0
    assert [entry["kind"] for entry in await telegram.ledger()][-2:] == ["update_expired", "call"]


async def test_a_press_waits_150_seconds_for_the_bot(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    await amina.taps("Ja")
    await telegram.advance(145)
    assert await bot.waiting() == 1
    await telegram.advance(10)
    assert await bot.waiting() == 0


async def test_a_press_can_be_answered_for_150_seconds(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    await amina.taps("Ja")
    query = (await bot.updates())[0]["callback_query"]["id"]
    await telegram.advance(160)
    assert await bot.refused("answerCallbackQuery", callback_query_id=query) == TOO_OLD


async def test_a_press_is_answered_once_and_an_unknown_one_never(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    await amina.taps("Ja")
    query = (await bot.updates())[0]["callback_query"]["id"]
    assert await bot("answerCallbackQuery", callback_query_id=query)
    assert await bot.refused("answerCallbackQuery", callback_query_id=query) == TOO_OLD
    assert await bot.refused("answerCallbackQuery", callback_query_id="12345") == TOO_OLD


async def test_update_ids_are_random_after_a_quiet_week(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await amina.says("dag")
    before = (await bot.updates())[0]["update_id"]
    await telegram.advance(8 * 86_400)
    await amina.says("daar ben ik weer")
    assert (await bot.updates())[0]["update_id"] != before + 1
