"""The phone client waits for a new message; when none comes, its error shows the chat."""

import asyncio

import pytest

from simulator.phone import Phone
from tests.simulator.client import Bot

KEYBOARD = {"inline_keyboard": [[{"text": "1. Ja", "callback_data": "yes"}, {"text": "Nee", "callback_data": "no"}]]}


async def test_sees_waits_for_a_message_to_come(bot: Bot, amina: Phone) -> None:
    waiting = asyncio.ensure_future(amina.sees("Welkom"))
    await bot("sendMessage", chat_id=amina.id, text="Welkom in de buurt")
    assert (await waiting)["text"] == "Welkom in de buurt"


async def test_sees_does_not_take_what_was_there_before_the_last_action(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Welkom")
    await amina.says("dag")
    with pytest.raises(AssertionError, match=r"does not see 'Welkom'(.|\n)*bot #\d+: Welkom"):
        await amina.sees("Welkom", timeout=0.1)


async def test_sees_takes_an_edit_of_an_old_message(bot: Bot, amina: Phone) -> None:
    sent = await bot("sendMessage", chat_id=amina.id, text="Welkom")
    await amina.says("dag")
    await bot("editMessageText", chat_id=amina.id, message_id=sent["message_id"], text="Welkom terug")
    assert (await amina.sees("Welkom"))["edited"]


async def test_taps_finds_a_button_by_label_or_data_or_part_of_its_label(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    for wish in ("1. Ja", "yes", "Ja"):
        await amina.taps(wish)
    assert [update["callback_query"]["data"] for update in await bot.updates(3)] == ["yes"] * 3
    with pytest.raises(AssertionError, match="sees no button 'Misschien'"):
        await amina.taps("Misschien")


async def test_taps_takes_the_newest_message_that_has_the_button(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="een", reply_markup=KEYBOARD)
    newest = await bot("sendMessage", chat_id=amina.id, text="twee", reply_markup=KEYBOARD)
    await amina.taps("Nee")
    assert (await bot.updates())[0]["callback_query"]["message"]["message_id"] == newest["message_id"]


async def test_silence_can_be_watched(bot: Bot, amina: Phone) -> None:
    await amina.sees_nothing_new(0.05)
    await bot("sendMessage", chat_id=amina.id, text="Hoi")
    with pytest.raises(AssertionError, match="Hoi"):
        await amina.sees_nothing_new(0.05)


async def test_last_and_buttons_are_the_newest(bot: Bot, amina: Phone) -> None:
    with pytest.raises(AssertionError, match="no message from the bot"):
        _ = amina.last
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    await amina.sees("Klopt")
    assert (amina.last["text"], amina.buttons()) == ("Klopt dit?", ["1. Ja", "Nee"])
