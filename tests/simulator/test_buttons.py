"""Keyboards: what a button may be, how many fit, and what a press brings."""

from typing import Any

import pytest

from simulator.errors import Refused
from simulator.local_telegram import Telegram
from simulator.phone import Phone
from simulator.rules import check_markup
from tests.simulator.checks import callback_data_bytes
from tests.simulator.client import Bot


def button(**more: Any) -> dict[str, Any]:
    return {"text": "Ja", **more}


async def test_callback_data_is_counted_in_bytes(telegram: Telegram) -> None:
    await callback_data_bytes(telegram)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ({"inline_keyboard": [[button()]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[button(callback_data="x", url="https://example.org/")]]}, "exactly one action"),
        ({"inline_keyboard": [[button(callback_data="")]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[button(callback_data="x") for _ in range(9)]]}, "reply markup is too long"),
        ({"inline_keyboard": [[button(callback_data="x")]] * 101}, "reply markup is too long"),
        ({"inline_keyboard": [[button(url="http://localhost/")]]}, "Wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": " ", "callback_data": "x"}]]}, "non-empty"),
        ({"inline_keyboard": button(callback_data="x")}, "Array of Arrays"),
        ({"keyboard": [[button(request_contact=True, request_location=True)]]}, "at most one action"),
        ({"keyboard": [[{"text": ""}]]}, "non-empty"),
        ({"keyboard": [], "inline_keyboard": []}, "exactly one of"),
        ([], "object expected"),
    ],
)
def test_a_wrong_keyboard_is_refused(markup: Any, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        check_markup(markup)
    assert reason in refused.value.description


def test_a_full_keyboard_passes() -> None:
    check_markup({"inline_keyboard": [[button(callback_data="x" * 64)] * 8] * 12})
    check_markup({"keyboard": [["ja", {"text": "plek", "request_location": True}]]})


async def test_a_press_comes_as_a_callback_query_with_its_message(bot: Bot, amina: Phone) -> None:
    keyboard = {"inline_keyboard": [[button(callback_data="yes")]]}
    sent = await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=keyboard)
    await amina.taps("Ja")
    query = (await bot.updates())[0]["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("yes", amina.id, sent["message_id"])
    assert query["message"]["reply_markup"] == keyboard


async def test_a_button_that_is_not_there_can_only_be_pressed_by_force(bot: Bot, amina: Phone) -> None:
    with pytest.raises(AssertionError, match="no button"):
        await amina.act("press", message_id=1, data="steal")
    await amina.act("press", message_id=999_999, data="steal", force=True)
    query = (await bot.updates())[0]["callback_query"]
    assert (query["data"], query["message"]["date"]) == ("steal", 0)


async def test_toasts_and_alerts_are_shown(bot: Bot, amina: Phone) -> None:
    keyboard = {"inline_keyboard": [[button(callback_data="yes")]]}
    await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=keyboard)
    for alert in (False, True):
        await amina.taps("Ja")
        query = (await bot.updates())[0]["callback_query"]["id"]
        await bot("answerCallbackQuery", callback_query_id=query, text="Dank u", show_alert=alert)
        await amina.sees("Dank u")
    assert [toast["alert"] for toast in amina.toasts] == [False, True]


async def test_a_reply_keyboard_stays_until_it_is_removed(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Waar?", reply_markup={"keyboard": [["Thuis"]]})
    await amina.taps("Thuis")
    assert (await bot.updates())[0]["message"]["text"] == "Thuis"
    await bot("sendMessage", chat_id=amina.id, text="Dank u", reply_markup={"remove_keyboard": True})
    assert "reply_keyboard" not in await amina.chat()
