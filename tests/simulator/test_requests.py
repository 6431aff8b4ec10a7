"""Requests come as JSON, form, multipart or in the query; a method that is not built answers 501."""

import aiohttp
import pytest

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import TOKEN, Bot


async def post(telegram: Telegram, method: str, **more: object) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.url}/bot{TOKEN}/{method}", **more) as answer,  # type: ignore[arg-type]
    ):
        body: dict[str, object] = await answer.json()
        return {**body, "status": answer.status}


KEYBOARD = '{"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]}'


async def test_a_form_is_taken_with_its_numbers_and_nested_json(telegram: Telegram, amina: Phone) -> None:
    form = {"chat_id": str(amina.id), "text": "Dag", "disable_notification": "true", "reply_markup": KEYBOARD}
    assert (await post(telegram, "sendMessage", data=form))["ok"]
    await amina.sees("Dag")
    assert amina.buttons() == ["Ja"]
    assert await telegram.violations() == []


async def test_multipart_is_taken(telegram: Telegram, amina: Phone) -> None:
    with aiohttp.MultipartWriter("form-data") as body:
        for name, value in (("chat_id", str(amina.id)), ("text", "Dag")):
            body.append(value).set_content_disposition("form-data", name=name)
    assert (await post(telegram, "sendMessage", data=body))["ok"]
    await amina.sees("Dag")


async def test_a_get_with_a_query_is_taken(telegram: Telegram, amina: Phone) -> None:
    query = {"chat_id": str(amina.id), "text": "Dag"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{telegram.url}/bot{TOKEN}/sendMessage", params=query) as answer,
    ):
        assert (await answer.json())["ok"]


async def test_a_json_body_may_hold_nested_json_as_a_string(bot: Bot, amina: Phone) -> None:
    await bot("sendMessage", chat_id=amina.id, text="Dag", reply_markup=KEYBOARD)
    await amina.sees("Dag")
    assert amina.buttons() == ["Ja"]


async def test_an_unreadable_body_is_refused(telegram: Telegram, bot: Bot) -> None:
    body = await post(telegram, "sendMessage", data=b"{", headers={"Content-Type": "application/json"})
    assert body == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: can't parse JSON object",
        "status": 400,
    }


@pytest.mark.parametrize("method", ["sendPoll", "noSuchMethod"])
async def test_a_method_that_is_not_built_answers_501(telegram: Telegram, bot: Bot, method: str) -> None:
    body = await post(telegram, method, json={})
    assert (body["status"], body["ok"]) == (501, False)


async def test_method_names_are_matched_without_case(telegram: Telegram, bot: Bot) -> None:
    assert (await post(telegram, "GETME"))["ok"]


async def test_a_token_makes_a_bot_and_its_number_is_taken_then(telegram: Telegram, bot: Bot) -> None:
    assert (await bot("getMe"))["id"] == 4242
    assert (await telegram.call("4242:another", "getMe"))["description"] == "Unauthorized"
    assert (await telegram.call("no-token", "getMe"))["description"] == "Not Found"


async def test_two_bots_do_not_hear_each_other(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    other = Bot(telegram, "77:other")
    await other("getMe")
    async with await Phone.new(telegram.url, resident_id=amina.id, bot="77:") as same_phone:
        await same_phone.starts()
        assert (await other.updates())[0]["message"]["from"]["id"] == amina.id
        assert await bot.waiting() == 0
