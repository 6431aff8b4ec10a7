"""What residents can do, and how it reaches the bot."""

import pytest

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import TOKEN, Bot


async def test_a_language_code_is_told_or_not(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    await amina.says("dag")
    assert (await bot.updates())[0]["message"]["from"]["language_code"] == "ar"
    async with await Phone.new(telegram.url, resident_id=amina.id, name="Amina") as changed:
        await changed.says("dag")
    assert "language_code" not in (await bot.updates())[0]["message"]["from"]


async def test_an_edited_text_comes_as_edited_message(bot: Bot, amina: Phone) -> None:
    first = await amina.says("dag")
    await amina.act("text", text="dag!", edited_message_id=first["message_id"])
    update = (await bot.updates(2))[1]
    edited = update["edited_message"]
    assert (edited["text"], edited["message_id"]) == ("dag!", first["message_id"])
    assert edited["edit_date"] >= edited["date"]


async def test_a_long_text_is_cut_into_messages(bot: Bot, amina: Phone) -> None:
    await amina.says("x" * 5000)
    assert [len(update["message"]["text"]) for update in await bot.updates(2)] == [4096, 904]


async def test_everything_else_that_can_be_sent(bot: Bot, amina: Phone) -> None:
    await amina.pins(52.36, 4.79)
    await amina.act("contact", phone="+31600000000")
    await amina.act("document", name="brief.pdf", data_base64="JVBERg==")
    await amina.act("sticker")
    await amina.act("forwarded", text="van een ander")
    messages = [update["message"] for update in await bot.updates(5)]
    assert messages[0]["location"] == {"latitude": 52.36, "longitude": 4.79}
    assert messages[1]["contact"]["user_id"] == amina.id
    assert messages[2]["document"]["file_name"] == "brief.pdf"
    assert messages[3]["sticker"]["emoji"] == "👍"
    assert (messages[4]["forward_origin"]["type"], messages[4]["text"]) == ("hidden_user", "van een ander")


async def test_what_happens_before_the_first_bot_is_kept_for_it(telegram: Telegram) -> None:
    async with await Phone.new(telegram.url, name="Vroeg") as early:
        assert (await early.starts("nl_x"))["update_id"] is None
        bot = Bot(telegram)
        assert (await bot.updates())[0]["message"]["text"] == "/start nl_x"


@pytest.mark.parametrize(
    ("kind", "wish", "words"),
    [
        ("dance", {}, "kind is one of"),
        ("text", {}, "needs text"),
        ("text", {"text": "  "}, "empty"),
        ("start", {"payload": "spatie is fout"}, "payload"),
        ("photo", {"data_base64": "%"}, "base64"),
        ("album", {"photos": [""]}, "2-10"),
        ("delete", {"message_id": 424242}, "no message"),
        ("text", {"text": "x", "bot": "nobody"}, "no bot"),
    ],
)
async def test_what_nobody_can_do_is_refused(amina: Phone, kind: str, wish: dict[str, object], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        await amina.act(kind, **wish)


async def test_who_has_blocked_can_not_write(amina: Phone) -> None:
    await amina.blocks()
    with pytest.raises(AssertionError, match="has blocked the bot"):
        await amina.says("dag")


async def test_the_bot_can_send_places_and_contacts_and_type(bot: Bot, amina: Phone) -> None:
    await bot("sendChatAction", chat_id=amina.id, action="typing")
    assert (await amina.chat())["typing"]
    await bot("sendLocation", chat_id=amina.id, latitude=52.36, longitude=4.79)
    assert not (await amina.chat())["typing"]
    await bot("sendVenue", chat_id=amina.id, latitude=52.36, longitude=4.79, title="Huis", address="Plein 1")
    await bot("sendContact", chat_id=amina.id, phone_number="112", first_name="Alarm")
    shown = (await amina.chat())["messages"][-3:]
    assert [message.get("venue", {}).get("title") for message in shown] == [None, "Huis", None]
    assert shown[2]["contact"]["phone_number"] == "112"
    assert "wrong" in await bot.refused("sendLocation", chat_id=amina.id, latitude=91, longitude=4)
    assert "action" in await bot.refused("sendChatAction", chat_id=amina.id, action="dancing")


async def test_a_reply_shows_what_it_replies_to(bot: Bot, amina: Phone) -> None:
    asked = await amina.says("hoe laat?")
    reply = {"message_id": asked["message_id"]}
    sent = await bot("sendMessage", chat_id=amina.id, text="drie uur", reply_parameters=reply)
    assert sent["reply_to_message"]["text"] == "hoe laat?"
    missing = {"message_id": 999_999}
    refused = await bot.refused("sendMessage", chat_id=amina.id, text="x", reply_parameters=missing)
    assert refused == "Bad Request: message to be replied not found"


async def test_an_empty_chat_is_shown_as_empty(telegram: Telegram) -> None:
    async with await Phone.new(telegram.url) as phone:
        assert (await phone.chat())["messages"] == []
        await telegram.call(TOKEN, "getMe")
        assert (await phone.chat())["started"] is False
